"""Did products hit harder by the tariffs go elsewhere more? The estimates by product, and their inference."""
