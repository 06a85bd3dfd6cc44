// Was das Panel selbst zu melden hat, auf Deutsch; was der Dienst meldet, ist schon in der Sprache.

export const OWN: Readonly<Record<string, string>> = {
  "No connection": "Keine Verbindung",
  "The service does not answer. It may have been stopped, or is starting again.": "Der Dienst antwortet nicht. Er wurde vielleicht angehalten oder startet gerade neu.",
  "Connection lost": "Verbindung unterbrochen",
  "The connection broke before the answer was complete.": "Die Verbindung brach ab, bevor die Antwort vollständig war.",
  "No answer": "Keine Antwort",
  "The turn ended without an answer. Ask again.": "Es kam keine Antwort. Fragen Sie noch einmal.",
  "The service answered without a body.": "Der Dienst antwortete ohne Inhalt.",
  "The service could not finish this turn.": "Der Dienst konnte die Frage nicht zu Ende beantworten.",
  "Cannot sign in": "Anmelden nicht möglich",
  "The service names an address of another origin.": "Der Dienst nennt eine Adresse anderer Herkunft.",
  "The browser blocked the sign-in window. Allow popups for this page and try again.": "Der Browser hat das Anmeldefenster blockiert. Erlauben Sie dieser Seite Pop-ups, und versuchen Sie es noch einmal.",
  "Not signed in": "Nicht angemeldet",
  "The sign-in window was closed before it was done.": "Das Anmeldefenster wurde geschlossen, bevor es fertig war.",
  "Failed": "Fehlgeschlagen",
  "Fault of the panel": "In der Oberfläche ist etwas schiefgegangen",
};
