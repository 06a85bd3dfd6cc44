"""The words that prose may hold and those that it may not.

Prose that a language model writes is held to a closed vocabulary: the words of the question and of the
results, and `PLAIN_WORDS`. Any other word could claim anything, so its clause is refused.
"""

from __future__ import annotations

import re

from agents.words import word_set

_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_POWERS = "hundred thousand million billion trillion quadrillion lakh crore"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth fortieth fiftieth sixtieth"
    " seventieth eightieth ninetieth hundredth thousandth millionth billionth"
)

CERTAIN_NUMBERS = word_set(
    f"""zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen {_TENS} {_POWERS} dozen dozens hundreds thousands millions billions
    trillions half halves twice thrice percent percents percentage pct permille bps fourty ninty
    nought naught nil googol umpteen third fourth fifth sixth seventh eighth ninth tenth thirds
    fifths tenths hundredths thousandths"""
)
"""Words that state a number wherever they stand; refused from every writer."""

LOOSE_NUMBERS = word_set(
    f"""one ones once {_ORDINALS} firstly secondly thirdly single double doubled doubles doubling triple
    tripled treble quadruple quadrupled quintuple couple pair pairs both neither either solo sole
    unanimous halved halving quarters score scores gross few fewer several many most mostly majority
    minority all every each none no nothing nobody nowhere never any half-dozen multiple numerous
    countless handful myriad plenty k m bn mn mio mrd tsd mln thou grand minus plus negative
    positive times fold tenfold twofold squared cubed infinite infinity empty void total totals sum
    average mean median equal equals million-dollar cent cents basis point points pp"""
)
"""Words that state or bend a number in some uses; refused from a language model, which can refer instead."""

FOREIGN_NUMBERS = word_set(
    """null eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf zwanzig dreissig vierzig
    fuenfzig sechzig siebzig achtzig neunzig hundert tausend prozent dutzend doppelt un une deux
    trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente
    quarante cinquante soixante cent mille milliard pourcent douzaine uno una dos tres cuatro cinco
    seis siete ocho nueve diez once doce trece catorce quince veinte treinta cuarenta cincuenta
    sesenta setenta ochenta noventa cien ciento mil millon tre quattro cinque sei sette otto nove
    dieci undici dodici venti trenta cento mila milione een twee drie vier vijf zes zeven negen tien
    twaalf twintig honderd duizend dois quatro oito dez vinte trinta milhao"""
)
"""Number words of neighbouring languages in ASCII; others fail the closed vocabulary anyway."""

COMPARISON = word_set(
    """rise rises rose risen rising fall falls fell fallen falling grow grows grew grown growing growth
    increase increases increased increasing decrease decreases decreased decreasing drop drops
    dropped dropping decline declines declined declining climb climbs climbed jump jumps jumped
    surge surged plunge plunged plummet plummeted soar soared shrink shrank shrunk gain gains gained
    lose loses lost up down upward upwards downward downwards above below over under more less
    greater great higher highest high lower lowest low larger largest large smaller smallest small
    bigger biggest big better best worse worst least exceed exceeds exceeded exceeding outperform
    outperforms outperformed outpace trail trails trailed lag lags lagged lead leads led leading top
    bottom maximum minimum max min peak peaked trough improve improves improved improving
    improvement worsen worsens worsened worsening deteriorate deteriorated ahead behind beyond
    within about around roughly nearly almost approximately approx circa some just only barely
    hardly exactly precisely merely least longer longest shorter shortest faster fastest slower
    slowest earlier earliest later latest older oldest newer newest cheaper cheapest dearer heavier
    lighter stronger weaker stable steady flat unchanged constant same different similar versus vs
    than faster strongest weakest significant significantly sharp sharply slight slightly dramatic
    dramatically substantial substantially considerable considerably marginal marginally huge tiny
    massive enormous negligible record surplus deficit short excess extra additional further another
    again not cannot except excluding without besides"""
)
"""Words of direction, size, order and negation: a language model may not judge values that others put in."""

SOURCE_WORDS = word_set(
    """according source sources sourced reported reports reportedly study studies survey surveys analyst
    analysts expert experts benchmark benchmarks industry cited citing cites citation audit audited
    audits auditor estimate estimates estimated forecasted website wiki wikipedia internet online
    news press article journal publication database spreadsheet email memo interview management
    official officials statistics guess probably maybe perhaps likely presumably"""
)
"""Words that lend a claim a source which nobody has checked."""

PLAIN_WORDS = (
    word_set(
        """a an the this these that those it its itself they them their there here he she his her we us our
        you your i and or but so also as if then because since while when where which who whom
        whose what why how whether in on at for from of by with to into onto out across among
        between during through throughout via until till before after upon towards toward against
        along alongside together is are was were be been being am has have had having do does did
        done doing will would can could may might shall should must show shows showed shown
        showing list lists listed listing see seen look looks looked looking read reads find finds
        found come comes came coming amount amounts amounted stand stands stood give gives gave
        given take takes took taken make makes made get gets got go goes went gone hold holds held
        holding keep keeps kept run runs ran means meant say says said name names named call calls
        called concern concerns concerned relate relates related belong belongs belonged refer
        refers referred follow follows followed following include includes included including
        contain contains contained cover covers covered covering cause causes caused arise arises
        arose account accounts accounted contribute contributes contributed correspond corresponds
        corresponding apply applies applied base based measure measures measured calculate
        calculated compute computed count counted return returned use uses used using ask asks
        asked request requested order ordered sort sorted group grouped break breaks broken split
        filter filtered add added carry carries carried lie lies lay reach reaches reached turn
        turns turned work works need needs needed want wants help helps check checks checked note
        notes noted please let lets tell tells answer answers figure figures number numbers value
        values table tables row rows column columns result results data record records recorded
        entry entries item items quantity quantities rate rates ratio ratios share shares level
        levels unit units currency period periods date dates range detail details breakdown reason
        reasons kind kinds type types part parts site sites plant plants question reading view
        summary case cases list question questions respect regard basis information available
        shown respectively overall accordingly therefore thus hence namely such like well now
        currently present today own respective relevant particular specific certain own next
        previous yes okay thanks hello"""
    )
    - COMPARISON
    - SOURCE_WORDS
)
"""Words that may stand in prose without being in the question or the results: they claim nothing."""

GENERIC_LABEL_WORDS = word_set(
    """quantity amount value number count rate ratio share total sum average mean percentage percent days
    hours of the in per by and or at to for a an on with figure figures actual rows id code"""
)
"""Words of a heading that do not tell one figure from another."""

ROMAN = re.compile(r"m{0,4}(?:cm|cd|d?c{0,4})(?:xc|xl|l?x{0,4})(?:ix|iv|v?i{0,4})")
"""Roman numerals, in lower case; matches the empty string too."""

ROMAN_LOOKALIKES = frozenset({"mix", "mild", "civil", "dim", "lid", "mid", "did", "vivid", "livid"})

_ROOT = "|".join(sorted(word_set(f"{_UNITS} zero {_TENS} {_POWERS}")))
COMPOUND = re.compile(
    rf"(?:{_ROOT}|and){{2,}}(?:s|th|st|nd|rd|fold|ish|odd|some|plus)?|(?:{_ROOT})(?:fold|ish|odd|some|plus)"
)
"""Number words run together, such as `twentyone` or `hundredfold`."""

LONG_NUMBERS = word_set(
    """hundred hundreds thousand thousands million millions billion billions trillion thirteen fourteen
    fifteen seventeen eighteen nineteen seventy eleventh twelfth percent percentage"""
)
"""Words long enough that a misspelling of them is still read as the number."""
