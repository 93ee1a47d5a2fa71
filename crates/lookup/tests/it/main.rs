//! Both ends of a session in one process, and whoever carries messages in between.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod loads;
#[cfg(test)]
mod queries;
#[cfg(test)]
mod world;
