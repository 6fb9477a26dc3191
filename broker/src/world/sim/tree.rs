//! Files and directories in memory, each with what is there now and what a power cut would leave.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path};

use super::random::SimRandom;
use crate::world::Random;

/// What is lost or kept as one.
pub(super) const PAGE: usize = 4096;

/// A file: its bytes now, its bytes at the last sync, and the pages that differ.
#[derive(Clone, Default)]
pub(super) struct FileNode {
    pub(super) data: Vec<u8>,
    durable: Vec<u8>,
    dirty: BTreeSet<usize>,
    /// The shortest it was since the last sync: what lay behind is gone for good if the newer length survives.
    shortest: usize,
}

impl FileNode {
    pub(super) fn set_len(&mut self, len: usize) {
        self.shortest = self.shortest.min(len);
        self.data.resize(len, 0);
    }

    pub(super) fn write(&mut self, position: usize, bytes: &[u8]) {
        let end = position.saturating_add(bytes.len());
        if end > self.data.len() {
            self.data.resize(end, 0);
        }
        if let Some(place) = self.data.get_mut(position..end) {
            place.copy_from_slice(bytes);
        }
        if !bytes.is_empty() {
            self.dirty.extend(position / PAGE..=(end - 1) / PAGE);
        }
    }

    pub(super) fn sync(&mut self) {
        self.durable.clone_from(&self.data);
        self.dirty.clear();
        self.shortest = self.data.len();
    }

    /// Any of the pages that were not synced may have reached the disk, in any order, and the length or not.
    fn crash(&mut self, random: &SimRandom) {
        let keeps_length = self.data.len() != self.durable.len() && random.once_in(2);
        if !keeps_length && self.shortest < self.durable.len() {
            self.data.clone_from(&self.durable);
        } else {
            let len = if keeps_length { self.data.len() } else { self.durable.len() };
            let mut image = self.durable.clone();
            image.truncate(self.shortest);
            image.resize(len, 0);
            for page in &self.dirty {
                let (start, end) = (page * PAGE, (page + 1) * PAGE);
                let end = end.min(len).min(self.data.len());
                if let (true, Some(new)) = (random.once_in(2), self.data.get(start..end))
                    && let Some(place) = image.get_mut(start..end)
                {
                    place.copy_from_slice(new);
                }
            }
            self.data = image;
        }
        self.sync();
    }
}

/// A directory: its names now, and those that are durable.
#[derive(Clone, Default)]
pub(super) struct DirNode {
    pub(super) names: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    /// The renames since the last sync, from and to.
    renames: Vec<(String, String)>,
}

impl DirNode {
    pub(super) fn sync(&mut self) {
        self.durable.clone_from(&self.names);
        self.renames.clear();
    }

    /// Each name that was made, changed or removed since the last sync may have reached the disk or not; of a rename both
    /// names have, or neither.
    fn crash(&mut self, random: &SimRandom) {
        let mut left: BTreeSet<String> = self.names.keys().chain(self.durable.keys()).cloned().collect();
        while let Some(name) = left.pop_first() {
            let together = self.renamed_with(name);
            left.retain(|name| !together.contains(name));
            let is_changed = |name: &String| self.names.get(name) != self.durable.get(name);
            if !together.iter().any(is_changed) || random.once_in(2) {
                continue;
            }
            for name in together {
                match self.durable.get(&name) {
                    Some(node) => drop(self.names.insert(name, *node)),
                    None => drop(self.names.remove(&name)),
                }
            }
        }
        self.sync();
    }

    /// A name and all that it is tied to by renames.
    fn renamed_with(&self, name: String) -> BTreeSet<String> {
        let mut together = BTreeSet::from([name]);
        loop {
            let before = together.len();
            for (from, to) in &self.renames {
                if together.contains(from) || together.contains(to) {
                    together.extend([from.clone(), to.clone()]);
                }
            }
            if together.len() == before {
                return together;
            }
        }
    }
}

/// A file or a directory.
#[derive(Clone)]
pub(super) enum Node {
    File(FileNode),
    Dir(DirNode),
}

/// All files and directories, by number; 0 is the root.
#[derive(Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Tree {
    pub(super) fn new() -> Tree {
        Tree { nodes: vec![Node::Dir(DirNode::default())] }
    }

    pub(super) fn find(&self, path: &Path) -> io::Result<usize> {
        let mut at = 0;
        for part in path.components() {
            let Component::Normal(name) = part else { continue };
            let Some(Node::Dir(dir)) = self.nodes.get(at) else { return Err(not_found()) };
            at = *dir.names.get(name.to_str().ok_or_else(not_found)?).ok_or_else(not_found)?;
        }
        Ok(at)
    }

    pub(super) fn dir(&mut self, path: &Path) -> io::Result<&mut DirNode> {
        let at = self.find(path)?;
        match self.nodes.get_mut(at) {
            Some(Node::Dir(dir)) => Ok(dir),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub(super) fn file(&mut self, number: usize) -> io::Result<&mut FileNode> {
        match self.nodes.get_mut(number) {
            Some(Node::File(file)) => Ok(file),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    pub(super) fn node(&self, number: usize) -> Option<&Node> {
        self.nodes.get(number)
    }

    /// The number of a file, made when it is missing.
    pub(super) fn file_or_new(&mut self, path: &Path) -> io::Result<usize> {
        match self.find(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.add(path, Node::File(FileNode::default()))
            }
            found => found,
        }
    }

    pub(super) fn add(&mut self, path: &Path, node: Node) -> io::Result<usize> {
        let number = self.nodes.len();
        let name = name_of(path)?;
        self.dir(parent_of(path))?.names.insert(name, number);
        self.nodes.push(node);
        Ok(number)
    }

    pub(super) fn unlink(&mut self, path: &Path) -> io::Result<()> {
        let name = name_of(path)?;
        self.dir(parent_of(path))?.names.remove(&name).map(|_| ()).ok_or_else(not_found)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let number = self.find(from)?;
        self.unlink(from)?;
        let (before, name) = (name_of(from)?, name_of(to)?);
        let dir = self.dir(parent_of(to))?;
        dir.names.insert(name.clone(), number);
        dir.renames.push((before, name));
        Ok(())
    }

    pub(super) fn sync_all(&mut self) {
        for node in &mut self.nodes {
            match node {
                Node::File(file) => file.sync(),
                Node::Dir(dir) => dir.sync(),
            }
        }
    }

    pub(super) fn crash(&mut self, random: &SimRandom) {
        for node in &mut self.nodes {
            match node {
                Node::File(file) => file.crash(random),
                Node::Dir(dir) => dir.crash(random),
            }
        }
    }

    /// Bytes of all files that have a name.
    pub(super) fn used(&self) -> u64 {
        self.used_below(0)
    }

    fn used_below(&self, number: usize) -> u64 {
        match self.nodes.get(number) {
            Some(Node::File(file)) => file.data.len() as u64,
            Some(Node::Dir(dir)) => dir.names.values().map(|number| self.used_below(*number)).sum(),
            None => 0,
        }
    }
}

pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn name_of(path: &Path) -> io::Result<String> {
    let name = path.file_name().and_then(|name| name.to_str());
    name.map(str::to_owned).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// Flips one bit of a file, now and on the disk.
pub(super) fn flip(file: &mut FileNode, position: usize, random: &SimRandom) {
    let bit = u8::try_from(random.below(8)).unwrap_or_default();
    for image in [&mut file.data, &mut file.durable] {
        if let Some(byte) = image.get_mut(position) {
            *byte ^= 1 << bit;
        }
    }
}
