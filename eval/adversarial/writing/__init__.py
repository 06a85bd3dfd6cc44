"""People, clients, workers and an ERP that do their worst around drafts; the ERP's own count decides."""
