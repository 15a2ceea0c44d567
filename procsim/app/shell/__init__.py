"""What stands around every page: address, session, project, jobs, and how pages look."""
