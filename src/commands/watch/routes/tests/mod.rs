//! Templates as public projects write them, in our own words.

mod fixture;
mod sam;
mod serverless;
