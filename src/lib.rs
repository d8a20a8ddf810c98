//! Finds clinical trials of CAR-T cell therapy for multiple sclerosis, tells
//! where each is really open, and reads what they ask of a patient.
//!
//! The floors, from low to high; each uses only what lies below it:
//! [`text`], [`geo`], [`whole_file`] · [`study`], [`terminology`] ·
//! [`criteria`], [`registry`], [`guard`] · [`classify`], [`patient`], [`place`],
//! [`provenance`], [`store`] · [`burden`], [`history`], [`matching`], [`select`] · [`render`] · [`app`] · [`web`] · [`cli`].

pub mod app;
pub mod burden;
pub mod classify;
pub mod cli;
pub mod criteria;
pub mod geo;
pub mod guard;
pub mod history;
pub mod matching;
pub mod patient;
pub mod place;
pub mod provenance;
pub mod registry;
pub mod render;
pub mod select;
pub mod store;
pub mod study;
pub mod terminology;
pub mod text;
pub mod web;
pub mod whole_file;
