"""The words that prose in German, Spanish and French may hold and those that it may not; see `vocabulary`.

A number word of English or of the language spoken is refused wherever it stands; those of other languages
fail the closed vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.vocabulary import (
    CERTAIN_NUMBERS,
    COMPARISON,
    COMPOUND,
    LOOSE_NUMBERS,
    PLAIN_WORDS,
    SOURCE_WORDS,
)
from tools.languages import Language, language


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What prose in one language is held to."""

    plain: frozenset[str]
    """Words that claim nothing."""
    certain: frozenset[str]
    """Words that state a number wherever they stand."""
    loose: frozenset[str]
    """Words that state or bend a number in some uses."""
    comparison: frozenset[str]
    """Words of direction, size, order and negation."""
    sources: frozenset[str]
    compound: re.Pattern[str]
    """Number words run together."""


def _words(text: str) -> frozenset[str]:
    """The words of a text in lower case, as `words_of` gives them."""
    return frozenset(text.casefold().split())


def _spoken(*, plain: str, certain: str, loose: str, comparison: str, sources: str, roots: str) -> Vocabulary:
    refused = _words(f"{certain} {loose} {comparison} {sources}")
    parts = "|".join(sorted(_words(roots), key=len, reverse=True))
    return Vocabulary(
        plain=_words(plain) - refused,
        certain=CERTAIN_NUMBERS | _words(certain),
        loose=LOOSE_NUMBERS | _words(loose),
        comparison=COMPARISON | _words(comparison),
        sources=SOURCE_WORDS | _words(sources),
        compound=re.compile(rf"{COMPOUND.pattern}|(?:{parts}){{2,}}(?:s|te|ste|ième|avo)?"),
    )


_ENGLISH = Vocabulary(PLAIN_WORDS, CERTAIN_NUMBERS, LOOSE_NUMBERS, COMPARISON, SOURCE_WORDS, COMPOUND)

_GERMAN = _spoken(
    plain="""der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem
    jener jene jenes er sie es ihm ihr ihn ihnen ihre ihrer ihren ihrem sein seine seiner seinen seinem
    wir uns unser unsere ihr euch man und oder aber sowie auch dann wenn da weil während wo wer wen wem
    wessen was warum wie ob in im an am auf für von vom bei beim mit nach aus zu zum zur durch um bis seit
    vor je pro zwischen ist sind war waren sein gewesen wird werden wurde wurden hat haben hatte hatten
    kann können zeigt zeigen stehen steht liegt liegen lag lagen beträgt betragen betrug betrugen hier
    dort dabei dazu davon dafür darin damit daher entfällt entfallen gehört gehören heißt heißen ergibt
    ergeben umfasst umfassen enthält enthalten nennt nennen genannt gezeigt aufgeführt folgt folgende
    folgenden folgender sich selbst jeweils jeweilige jeweiligen betreffend bezogen gefragt gefragte frage
    antwort tabelle zeile zeilen spalte spalten ergebnis ergebnisse daten angabe angaben wert werte menge
    mengen betrag beträge zahl zahlen rate quote anteil anteile einheit einheiten währung periode zeitraum
    zeiträume datum tag tage monat monate jahr jahre werk werke standort lesart übersicht liste position
    positionen satz sätze grund gründe art arten teil teile derzeit aktuell heute jetzt eigen eigene
    eigenen bitte ja danke""",
    certain="""null eins zwei zwo drei vier fünf fuenf sechs sieben acht neun zehn elf zwölf zwoelf
    dreizehn vierzehn fünfzehn fuenfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig dreissig
    vierzig fünfzig fuenfzig sechzig siebzig achtzig neunzig hundert hunderte tausend tausende million
    millionen milliarde milliarden billion billionen dutzend dutzende halb halbe halber halben halbes
    hälfte haelfte drittel viertel fünftel zehntel hundertstel tausendstel doppelt doppelte doppelten
    dreifach vierfach zehnfach zweimal dreimal viermal zweifach prozent prozente promille prozentpunkt
    prozentpunkte anderthalb eineinhalb""",
    loose="""erste erster ersten erstes erstem zweite zweiter zweiten zweites zweitem dritte dritter
    dritten drittes vierte vierter vierten fünfte fünfter fünften sechste siebte achte neunte zehnte
    zehnter letzte letzter letzten letztes einmal einzig einzige einziger einzigen einzeln einzelne beide
    beider beiden beides paar mehrere mehrerer mehreren viele vieler vielen viel meiste meisten mehrheit
    minderheit wenige weniger wenigen wenig alle aller allen alles jede jeder jeden jedes jedem kein keine
    keiner keinen keinem keines nichts niemand nie niemals nirgends sämtliche zahlreiche etliche manche
    einige einiger einigen ganz ganze ganzen gesamt gesamte gesamten insgesamt summe durchschnitt
    durchschnittlich mittel mittelwert median leer plus minus mal fach tsd mio mrd negativ positiv
    unendlich""",
    comparison="""steigt steigen stieg stiegen gestiegen steigend anstieg sinkt sinken sank sanken
    gesunken fällt fallen fiel fielen gefallen rückgang wächst wachsen wuchs gewachsen wachstum zunahme
    zugenommen abnahme abgenommen erhöht erhöhen erhöhte erhöhung verringert verringerung gesenkt
    reduziert mehr weniger hoch hohe hoher hohen hohes höher höhere höherer höheren höchste höchster
    höchsten höchstes niedrig niedrige niedriger niedrigere niedrigste niedrigster niedrigsten tief tiefer
    tiefste groß große großer großen größer größere größte größter größten klein kleine kleiner kleinere
    kleinste kleinster kleinsten gut gute besser bessere beste bester besten schlecht schlechter
    schlechteste schlechtesten über unter oberhalb unterhalb mindestens wenigstens höchstens maximal
    minimal maximum minimum fast beinahe nahezu ungefähr circa zirka etwa rund knapp nur lediglich bloß
    genau exakt präzise kaum sogar stark leicht deutlich erheblich wesentlich merklich stabil unverändert
    konstant gleich gleiche gleichen ebenso anders andere anderen verschieden verschiedene ähnlich als
    verglichen vergleich gegenüber verbessert verbesserung verschlechtert verschlechterung spitze führend
    führt übertrifft überschreitet unterschreitet früher später älter neuer schneller langsamer länger
    kürzer billiger günstiger teurer schwerer leichter stärker schwächer noch weitere weiterer weiteren
    zusätzlich außerdem ohne außer ausgenommen nicht überschuss defizit rekord aufwärts abwärts vorn
    hinten""",
    sources="""laut gemäß zufolge quelle quellen bericht berichte berichtet berichten studie studien
    umfrage analyst analysten experte experten branche zitat zitiert prüfer geprüft schätzung geschätzt
    webseite internet nachrichten presse artikel veröffentlicht datenbank interview management
    geschäftsleitung offiziell vermutlich wahrscheinlich vielleicht möglicherweise angeblich
    voraussichtlich""",
    roots="""ein und zwei drei vier fünf sechs sieben acht neun zehn elf zwölf sech sieb zig ßig zwan
    hundert tausend""",
)

_SPANISH = _spoken(
    plain="""el la los las lo un una unos unas este esta esto estos estas ese esa eso esos esas aquel
    aquella él ella ellos ellas su sus nuestro nuestra nuestros nuestras nos se me le les y e o u pero
    también entonces si porque mientras cuando donde dónde quien quién quienes cuyo cuya que qué cuál
    cuáles cómo por para en de del al a con desde hasta hacia durante es son era eran fue fueron ser sido
    está están estaba hay había ha han haber tiene tienen tenía puede pueden muestra muestran aparece
    aparecen figura figuran corresponde corresponden pertenece asciende ascienden llamado llamada incluye
    incluyen contiene contienen consta aquí ahí allí ello así respectivo respectiva siguiente siguientes
    preguntado pregunta respuesta tabla fila filas columna columnas resultado resultados dato datos valor
    valores cantidad cantidades importe importes cifra cifras tasa proporción parte partes unidad unidades
    moneda período períodos periodo fecha fechas día días mes meses año años centro centros lectura lista
    posición posiciones registro registros motivo motivos tipo tipos actualmente hoy ahora propio propia
    gracias sí""",
    certain="""cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciséis dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro
    veinticinco veintiséis veintisiete veintiocho veintinueve treinta cuarenta cincuenta sesenta setenta
    ochenta noventa cien ciento cientos doscientos doscientas trescientos cuatrocientos quinientos
    seiscientos setecientos ochocientos novecientos mil miles millón millon millones millardo billón
    billones docena docenas medio media mitad tercio tercios cuarto cuartos quinto quintos décimo décimos
    doble triple cuádruple porciento porcentual veces""",
    loose="""primero primera primer primeros primeras segundo segunda segundos segundas tercero tercera
    tercer cuarta quinta sexto sexta séptimo octavo noveno décima último última últimos últimas vez único
    única ambos ambas par varios varias muchos muchas mucho mucha mayoría minoría pocos pocas poco poca
    todo toda todos todas cada ningún ninguno ninguna nada nadie nunca jamás alguno alguna algunos algunas
    algún numerosos numerosas múltiples total totales suma promedio medias mediana porcentaje vacío más
    menos negativo positivo infinito""",
    comparison="""sube suben subió subido subida aumenta aumentan aumentó aumento aumentado crece crecen
    creció crecimiento baja bajan bajó bajada bajado cae caen cayó caída disminuye disminuyó disminución
    reduce redujo reducción reducido incrementa incrementó incremento alto alta altos altas bajo bajos
    bajas mayor mayores menor menores máximo máxima mínimo mínima grande grandes pequeño pequeña mejor
    mejores peor peores superior superiores inferior inferiores supera superan superó encima debajo sobre
    casi aproximadamente alrededor cerca apenas solo sólo solamente únicamente exactamente justo
    precisamente incluso muy bastante ligeramente considerablemente notablemente claramente estable
    constante igual iguales mismo misma mismos mismas distinto distinta diferente diferentes similar
    similares frente comparado comparación mejora mejoró empeora empeoró lidera líder récord antes después
    anterior anteriores posterior posteriores temprano tarde antiguo nuevo nueva rápido lento largo corto
    barato caro fuerte débil aún todavía otro otra otros otras adicional adicionales además sin salvo
    excepto no ni tampoco superávit déficit exceso falta arriba abajo""",
    sources="""según fuente fuentes informe informes informó estudio estudios encuesta analista analistas
    experto expertos sector citado auditoría auditor estimación estimado web internet noticias prensa
    artículo publicado entrevista dirección oficial probablemente quizás quizá posiblemente supuestamente
    presumiblemente""",
    roots="""dieci veinti treinta cuarenta cincuenta sesenta setenta ochenta noventa uno dos tres cuatro
    cinco seis siete ocho nueve cientos mil""",
)

_FRENCH = _spoken(
    plain="""le la les l un une des du de d ce cet cette ces celui celle ceux celles il elle ils elles on
    nous vous leur leurs son sa ses notre nos votre vos se s lui y en et ou mais aussi alors si parce car
    pendant quand où qui quoi dont quel quelle quels quelles pourquoi comment à au aux pour par avec dans
    depuis jusqu jusque vers chez entre est sont était étaient été être sera seront a ont avait avaient
    avoir peut peuvent montre montrent indique indiquent figure figurent apparaît apparaissent correspond
    correspondent appartient appartiennent élève élèvent revient comprend comprennent contient contiennent
    ici là ainsi donc respectif respective respectifs suivant suivante suivants suivantes nommé nommée
    demandé demandée question réponse tableau ligne lignes colonne colonnes résultat résultats donnée
    données valeur valeurs quantité quantités montant montants chiffre chiffres taux part parts unité
    unités devise période périodes date dates jour jours mois année années site sites lecture liste poste
    postes enregistrement enregistrements motif motifs type types actuellement aujourd hui maintenant
    propre merci oui c qu j""",
    certain="""zéro zero deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze
    seize vingt vingts trente quarante cinquante soixante septante huitante octante nonante cent cents
    mille million millions milliard milliards billion billions dizaine dizaines douzaine douzaines
    vingtaine centaine centaines millier milliers demi demie moitié tiers quart quarts cinquième
    cinquièmes dixième dixièmes centième double doubles triple quadruple pourcent fois""",
    loose="""premier première premiers premières second seconde deuxième troisième quatrième sixième
    septième huitième neuvième dernier dernière derniers dernières seul seule seuls seules unique uniques
    paire plusieurs beaucoup nombreux nombreuses majorité minorité plupart peu tout toute tous toutes
    chaque aucun aucune rien personne jamais nul nulle quelques quelque certains certaines maints total
    totale totaux somme moyenne moyennes moyen médiane pourcentage vide plus moins négatif négative
    positif positive infini""",
    comparison="""augmente augmentent augmenté augmentation hausse croît croissance grimpe monte montent
    monté baisse baissent baissé diminue diminuent diminué diminution chute chuté recul recule réduit
    réduction haut haute hauts hautes élevé élevée élevés élevées bas basse basses grand grande grands
    grandes petit petite petits petites meilleur meilleure meilleurs mieux pire pires supérieur supérieure
    supérieurs inférieur inférieure inférieurs dépasse dépassent dépassé dessus dessous sur sous presque
    environ approximativement autour près seulement uniquement juste exactement précisément même mêmes
    très assez légèrement nettement fortement sensiblement considérablement stable constant constante égal
    égale égaux identique différent différente similaire similaires contre comparé comparaison rapport
    améliore amélioration amélioré détériore détérioré record avant après antérieur ultérieur tôt tard
    ancien nouveau nouvelle rapide lent long court cher fort faible encore autre autres supplémentaire
    supplémentaires sans sauf excepté hormis ne n pas ni non excédent déficit excès manque maximum minimum
    maximal minimal que""",
    sources="""selon source sources rapporte rapporté étude études enquête analyste analystes expert
    experts secteur cité audit auditeur estimation estimé web internet presse article publié entretien
    direction officiel probablement vraisemblablement apparemment""",
    roots="""vingt trente quarante cinquante soixante quatre cent mille deux trois cinq six sept huit neuf
    dix""",
)

FILLERS = """der die das des dem den zu zum zur je in im von vom mit ohne nach und oder an am auf für bei
aus bis über unter als um ist war sind waren hat haben de la el los las del en por con sin y e o u a al
para que es era son fue tiene sobre según du le les l d des par avec sans et ou au aux à sur pour est
était sont que"""
"""Words that tell no heading from another, and behind which no number of the question may stand."""

GENERIC_HEADINGS = """menge wert betrag anzahl anteil quote summe durchschnitt prozent tage stunden zahl
gesamt cantidad valor importe número tasa porcentaje total media medio promedio días horas cifra quantité
valeur montant nombre taux part moyenne moyen pourcentage jours heures chiffre id"""
"""Words of a heading that do not tell one figure from another."""

VOCABULARIES: Mapping[Language, Vocabulary] = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH}


def vocabulary() -> Vocabulary:
    """The vocabulary of the language spoken."""
    return VOCABULARIES[language()]
