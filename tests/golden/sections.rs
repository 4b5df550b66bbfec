//! Bytes as in programs and in the files next to them.

/// Builds a file, one section after the other.
#[derive(Debug)]
pub(crate) struct Maker {
    pub(crate) bytes: Vec<u8>,
    state: u64,
}

impl Default for Maker {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            state: 0x9e37_79b9_7f4a_7c15,
        }
    }
}

impl Maker {
    /// Marsaglia's xorshift.
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    /// A number less than this; small numbers are more frequent.
    fn index(&mut self, below: usize) -> usize {
        let random = self.random();
        let product = (random >> 48) * ((random >> 32) & 0xffff);
        (((product >> 16) * below as u64) >> 16) as usize
    }

    /// These bytes.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Numbers, each in this many bytes, little-endian.
    pub(crate) fn numbers(&mut self, numbers: &[(usize, usize)]) {
        for (number, width) in numbers {
            self.raw(&(*number as u64).to_le_bytes()[..*width]);
        }
    }

    /// Each byte value once.
    pub(crate) fn every_byte(&mut self) {
        self.bytes.extend(0..=u8::MAX);
    }

    /// Incompressible bytes.
    pub(crate) fn noise(&mut self, size: usize) {
        let end = self.bytes.len() + size;
        self.bytes.reserve(size + 8);
        while self.bytes.len() < end {
            let random = self.random();
            self.raw(&random.to_le_bytes());
        }
        self.bytes.truncate(end);
    }

    /// One run of zeros.
    pub(crate) fn zeros(&mut self, size: usize) {
        self.bytes.resize(self.bytes.len() + size, 0);
    }

    /// Copies from this distance before the end, byte by byte, so it may overlap itself.
    pub(crate) fn again(&mut self, distance: usize, size: usize) {
        let end = self.bytes.len() + size;
        while self.bytes.len() < end {
            let from = self.bytes.len() - distance;
            let count = distance.min(end - self.bytes.len());
            self.bytes.extend_from_within(from..from + count);
        }
    }

    /// Lines of words, a few of which are frequent.
    pub(crate) fn text(&mut self, size: usize) {
        const STEMS: [&str; 32] = [
            "the", "of", "and", "error", "in", "to", "function", "is", "request", "value", "for",
            "event", "with", "order", "state", "runtime", "not", "time", "a", "response", "found",
            "retry", "expected", "as", "handler", "context", "at", "version", "by", "region",
            "bucket", "lambda",
        ];
        const ENDS: [&str; 8] = [" ", " ", " ", ", ", "s ", ".\n", "_", ": "];
        let end = self.bytes.len() + size;
        while self.bytes.len() < end {
            let (stem, after) = (self.index(STEMS.len()), self.index(ENDS.len()));
            self.raw(STEMS[stem].as_bytes());
            self.raw(ENDS[after].as_bytes());
            if self.random() >> 60 == 0 {
                let number = (self.random() >> 44).to_string();
                self.raw(number.as_bytes());
            }
        }
        self.bytes.truncate(end);
    }

    /// Relocations: little-endian 8-byte words, each a little larger than the previous one.
    pub(crate) fn addresses(&mut self, size: usize) {
        let end = self.bytes.len() + size;
        let (mut place, mut target) = (0x0040_0000_u64, 0x0010_0000_u64);
        while self.bytes.len() < end {
            place += 8 << self.index(3);
            target += 16 * self.index(40) as u64;
            for word in [place, 8, target] {
                self.raw(&word.to_le_bytes());
            }
        }
        self.bytes.truncate(end);
    }

    /// Instructions of different lengths: few kinds, some registers, distances, and constants.
    pub(crate) fn code(&mut self, size: usize) {
        const KINDS: [(&[u8], usize); 16] = [
            (&[0x48, 0x89], 0),
            (&[0x48, 0x8b, 0x44, 0x24], 1),
            (&[0xe8], 4),
            (&[0x48, 0x8d, 0x3d], 4),
            (&[0x0f, 0x84], 2),
            (&[0x48, 0x83, 0xc4], 1),
            (&[0x31, 0xc0], 0),
            (&[0x41, 0x57, 0x41, 0x56, 0x53], 0),
            (&[0xc3, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0], 0),
            (&[0x0f, 0x11, 0x84, 0x24], 2),
            (&[0x85], 0),
            (&[0x48, 0xb8], 8),
            (&[0x74], 1),
            (&[0xeb], 1),
            (&[0x4c, 0x8b, 0x6c], 1),
            (&[0x66, 0x2e, 0x0f, 0x1f, 0x84], 4),
        ];
        let end = self.bytes.len() + size;
        while self.bytes.len() < end {
            let (opcode, operand) = KINDS[self.index(KINDS.len())];
            self.raw(opcode);
            let register = 0xc0 | self.index(64) as u8;
            self.raw(&[register]);
            // The upper bytes of a distance are zeros or ones, because functions are close
            // together.
            let distance = self.index(1 << 14) as i64 - 4000;
            self.raw(&distance.to_le_bytes()[..operand]);
        }
        self.bytes.truncate(end);
    }
}
