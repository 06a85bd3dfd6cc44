"""The pages that people see before they are in: what could not be done, and who to be in a demo."""

from server.door.page import Language, door_page, language_of

__all__ = ["Language", "door_page", "language_of"]
