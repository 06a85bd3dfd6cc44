"""The program at a site: collects what machines tell, keeps it on its disk, and hands it over when it can."""
