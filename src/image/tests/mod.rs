mod archive;
mod bad;
mod build;
mod dive;
mod forms;
mod overlay;
mod pick;
