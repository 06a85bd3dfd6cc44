"""Endpoints of predictive models: asked over Open Inference Protocol v2, MLflow's or plain JSON."""

from erp_adapters.endpoints.adapter import ModelEndpoint
from erp_adapters.endpoints.mapping import Answered, Asked, Outcome, Protocol

__all__ = ["Answered", "Asked", "ModelEndpoint", "Outcome", "Protocol"]
