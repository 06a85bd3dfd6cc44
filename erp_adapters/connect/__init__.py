"""From a database or a folder of files to a mapping: what is there, what it may mean, what is open."""
