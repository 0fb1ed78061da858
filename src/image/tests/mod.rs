mod bad;
mod build;
mod forms;
mod overlay;
