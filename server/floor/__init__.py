"""What happens at machines: a stop that lasts becomes a replanning that waits for a person."""

from server.floor.offering import Offer, Offering

__all__ = ["Offer", "Offering"]
