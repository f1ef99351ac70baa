"""The edge: Envoy in front of the servers, configured from the contract."""
