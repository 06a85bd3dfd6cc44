"""Trains the learned reader on utterances generated from the catalogue; needs the extra `training`."""
