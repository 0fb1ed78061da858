//! The language server: what an editor shows of Dockerfiles while they are written.
//!
//! One thread reads messages, another one takes what has come in, applies all changes and answers. Linting takes a
//! millisecond or two, so nothing is done beside that: an answer is always about the newest text.

mod actions;
mod capabilities;
mod completion;
mod cursor;
mod diagnostics;
mod document;
mod folding;
mod frame;
mod hover;
mod names;
mod navigate;
mod place;
mod protocol;
mod reference;
mod server;
mod signature;
mod symbols;
mod uri;
mod variables;

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::Value;

use crate::workspace::Workspace;

use frame::Frame;
use protocol::{Failure, Incoming};
use server::{Phase, Server};

/// How many messages may wait; then the client does.
const MAX_WAITING: usize = 64;

/// Serves the client that writes to `input` and reads from `output`, until it leaves. True if it left in order: after
/// a shutdown.
///
/// # Errors
/// If nothing can be written to `output`.
pub fn serve(
    mut input: impl BufRead + Send + 'static,
    output: impl Write,
    workspace: Workspace,
) -> io::Result<bool> {
    let (sender, receiver) = mpsc::sync_channel(MAX_WAITING);
    thread::spawn(move || {
        // What cannot be read is the end as well.
        while let Ok(Some(frame)) = frame::read(&mut input) {
            let message = match frame {
                Frame::Body(bytes) => Incoming::read(&bytes),
                Frame::Broken(why) => Incoming::Broken(Failure::new(Failure::PARSE, why)),
            };
            if sender.send(message).is_err() {
                break;
            }
        }
    });
    run(&receiver, Server::new(output, workspace))
}

fn run(receiver: &Receiver<Incoming>, mut server: Server<impl Write>) -> io::Result<bool> {
    let mut waiting = VecDeque::new();
    loop {
        while waiting.len() < MAX_WAITING
            && let Ok(message) = receiver.try_recv()
        {
            wait(message, &mut waiting, &mut server)?;
        }
        let message = match waiting.pop_front() {
            Some(message) => message,
            None => {
                server.publish()?;
                match receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Ok(server.phase == Phase::ShutDown),
                }
            }
        };
        server.take(message)?;
        if let Phase::Exited { in_order } = server.phase {
            return Ok(in_order);
        }
    }
}

/// Puts a message behind those that wait, or takes away the one that it cancels.
fn wait(
    message: Incoming,
    waiting: &mut VecDeque<Incoming>,
    server: &mut Server<impl Write>,
) -> io::Result<()> {
    let Incoming::Notification { method, params } = &message else {
        waiting.push_back(message);
        return Ok(());
    };
    if method != "$/cancelRequest" {
        waiting.push_back(message);
        return Ok(());
    }
    let wanted = params.get("id").unwrap_or(&Value::Null);
    let is_it = |waits: &Incoming| matches!(waits, Incoming::Request { id, .. } if id == wanted);
    let found = waiting.iter().position(is_it).and_then(|at| waiting.remove(at));
    if found.is_some() { server.cancelled(wanted) } else { Ok(()) }
}
