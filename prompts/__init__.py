"""Prompt files with a version and declared variables, and the loader that renders them."""

from prompts.files import Prompt, prompt

__all__ = ["Prompt", "prompt"]
