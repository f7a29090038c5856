//! legal_entity_id
