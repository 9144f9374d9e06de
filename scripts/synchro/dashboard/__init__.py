"""`synchro dashboard`: a publication as a site to browse, built by Evidence (dashboard/), without the internet."""
