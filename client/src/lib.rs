//! A client of Thalweg over gRPC: producer, reader, administration.
