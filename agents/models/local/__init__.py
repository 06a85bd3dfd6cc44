"""A small model in a file, through llama.cpp: it names what a question asks for, and never a value."""
