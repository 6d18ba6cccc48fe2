package archive

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"onrecord/pkg/digest"
	"onrecord/pkg/source"
)

const (
	frameSize  = 1 << 20 // bytes of the tar after which a frame ends: many messages together compress far better than one
	tarBlock   = 512
	compressed = 2       // frames that are compressed at the same time
	maxWhole   = 4 << 20 // bytes of a message that is held in memory
	// maxFrame bounds what a frame may hold that is decompressed in memory: a frame that is nearly full and one more message.
	maxFrame = frameSize + maxWhole + 4*tarBlock
)

// memberName is the name of a message in the tar.
func memberName(d digest.Digest) string { return "messages/" + d.Hex() + ".eml" }

// padded is the room that a message of size bytes takes in the tar, header included.
func padded(size int64) int64 { return tarBlock + (size+tarBlock-1)/tarBlock*tarBlock }

// frame is one zstd frame. It holds whole members of the tar, so that it can be read without the ones before it.
type frame struct {
	messages int64
	length   int64 // in the segment
	size     int64 // of the tar in it
}

// segmentWriter writes messages as a tar that is compressed in independent frames, some of them at the same time.
type segmentWriter struct {
	out    io.Writer
	sum    hash.Hash
	size   int64
	time   time.Time
	frames []frame

	raw      *bytes.Buffer // the frame that is being filled
	messages int64         // in it
	order    chan *job
	work     chan *job
	written  chan struct{} // closed when all that stands in order is written
	err      error         // of writing; to be read after written
	failed   chan struct{} // closed when err is set
	free     chan *bytes.Buffer
}

// job is a frame on its way. A job without raw is a barrier.
type job struct {
	raw      *bytes.Buffer
	messages int64
	done     chan []byte
	passed   chan struct{}
}

func newSegmentWriter(out io.Writer, at time.Time) (*segmentWriter, error) {
	w := &segmentWriter{out: out, sum: sha256.New(), time: at, raw: new(bytes.Buffer), order: make(chan *job, 2*compressed), work: make(chan *job, 2*compressed),
		written: make(chan struct{}), failed: make(chan struct{}), free: make(chan *bytes.Buffer, 4*compressed)}
	for range compressed {
		enc, err := newEncoder(nil)
		if err != nil {
			return nil, err
		}
		go func() {
			for j := range w.work {
				j.done <- enc.EncodeAll(j.raw.Bytes(), make([]byte, 0, j.raw.Len()/2))
			}
			enc.Close()
		}()
	}
	go w.writeInOrder()
	return w, nil
}

func newEncoder(w io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(frameSize), zstd.WithEncoderCRC(true))
}

func (w *segmentWriter) writeInOrder() {
	defer close(w.written)
	for j := range w.order {
		if j.raw == nil {
			close(j.passed)
			continue
		}
		z := <-j.done
		if w.err == nil {
			if w.err = w.write(z); w.err != nil {
				close(w.failed)
			}
		}
		w.frames = append(w.frames, frame{messages: j.messages, length: int64(len(z)), size: int64(j.raw.Len())})
		j.raw.Reset()
		select {
		case w.free <- j.raw:
		default:
		}
	}
}

func (w *segmentWriter) write(b []byte) error {
	n, err := w.out.Write(b)
	w.sum.Write(b[:n])
	w.size += int64(n)
	return err
}

func (w *segmentWriter) header(d digest.Digest, size int64) error {
	return tar.NewWriter(w.raw).WriteHeader(memberHeader(d, size, w.time))
}

// memberHeader is the header of a message in the tar. GNU's form holds any size in one block.
func memberHeader(d digest.Digest, size int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: memberName(d), Mode: 0o600, Size: size, ModTime: at, Format: tar.FormatGNU}
}

// add takes a message. A larger one than maxWhole is not held: what comes out of it while it is copied has to have the digest, or errChanged is returned and
// the segment is of no use any more.
func (w *segmentWriter) add(d digest.Digest, content source.Content) error {
	select {
	case <-w.failed:
		return w.err
	default:
	}
	size := content.Size()
	b, whole := content.(source.Bytes)
	if !whole {
		return w.large(d, content)
	}
	if err := w.header(d, size); err != nil {
		return err
	}
	w.raw.Write(b)
	w.raw.Write(make([]byte, padded(size)-tarBlock-size))
	if w.messages++; w.raw.Len() >= frameSize {
		w.cut()
	}
	return nil
}

// cut ends the frame.
func (w *segmentWriter) cut() {
	if w.raw.Len() == 0 {
		return
	}
	j := &job{raw: w.raw, messages: w.messages, done: make(chan []byte, 1)}
	w.work <- j
	w.order <- j
	w.messages = 0
	select {
	case w.raw = <-w.free:
	default:
		w.raw = new(bytes.Buffer)
	}
}

// wait returns when all frames so far are written.
func (w *segmentWriter) wait() error {
	w.cut()
	barrier := &job{passed: make(chan struct{})}
	w.order <- barrier
	<-barrier.passed
	return w.err
}

// large writes a message as a frame of its own, without holding it.
func (w *segmentWriter) large(d digest.Digest, content source.Content) error {
	if err := w.wait(); err != nil {
		return err
	}
	if err := w.header(d, content.Size()); err != nil {
		return err
	}
	head := bytes.Clone(w.raw.Bytes())
	w.raw.Reset()
	before := w.size
	enc, err := newEncoder(writerFunc(w.write))
	if err != nil {
		return err
	}
	sum := sha256.New()
	enc.Write(head)
	n, err := io.Copy(io.MultiWriter(enc, sum), io.NewSectionReader(content, 0, content.Size()))
	if err == nil && (n != content.Size() || digest.Sum(sum) != d) {
		err = errChanged
	}
	if err == nil {
		_, err = enc.Write(make([]byte, padded(n)-tarBlock-n))
	}
	if cerr := enc.Close(); err == nil {
		err = cerr
	}
	w.frames = append(w.frames, frame{messages: 1, length: w.size - before, size: padded(content.Size())})
	return err
}

type writerFunc func([]byte) error

func (f writerFunc) Write(p []byte) (int, error) {
	if err := f(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// close ends the tar and all goroutines. The last frame holds no message, only the two empty blocks that end a tar.
func (w *segmentWriter) close() error {
	w.cut()
	w.raw.Write(make([]byte, 2*tarBlock))
	w.cut()
	close(w.work)
	close(w.order)
	<-w.written
	return w.err
}

// errChanged: a source changed while it was read.
var errChanged = errors.New("changed while it was read")

// location says where a message lies: in which frame of which segment, and where in its tar.
type location struct {
	run    int64 // the segment
	at     int64 // of the frame in the segment
	length int64 // of the frame in the segment
	pos    int64 // of the message in the frame's tar
	size   int64
	digest digest.Digest
}

// frameReader reads messages of one segment. It holds the last frame.
type frameReader struct {
	f    io.ReaderAt
	dec  *zstd.Decoder
	at   int64 // of the frame that is held
	held []byte
	z    []byte
}

func newFrameReader(f io.ReaderAt) (*frameReader, error) {
	dec, err := newDecoder(nil)
	return &frameReader{f: f, dec: dec, at: -1}, err
}

func newDecoder(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxFrame), zstd.WithDecoderMaxWindow(16<<20), zstd.WithDecoderLowmem(true))
}

// bytes gives a message of at most maxWhole bytes. Its digest is checked. The bytes are valid until the next call.
func (r *frameReader) bytes(l location) ([]byte, error) {
	b, err := r.slice(l)
	if err == nil && digest.Of(b) != l.digest {
		return nil, fmt.Errorf("message %s: %w", l.digest.Hex(), errDigest)
	}
	return b, err
}

// slice gives what lies where the message is to lie.
func (r *frameReader) slice(l location) ([]byte, error) {
	if l.size > maxWhole {
		return nil, errTooLarge
	}
	if r.at != l.at {
		r.at = -1
		if l.length > 2*maxFrame {
			return nil, fmt.Errorf("frame at %d: %w", l.at, errTooLarge)
		}
		if int64(cap(r.z)) < l.length {
			r.z = make([]byte, l.length)
		}
		z := r.z[:l.length]
		if n, err := r.f.ReadAt(z, l.at); n < len(z) {
			return nil, fmt.Errorf("frame at %d: %w", l.at, err)
		}
		var err error
		if r.held, err = r.dec.DecodeAll(z, r.held[:0]); err != nil {
			return nil, fmt.Errorf("frame at %d: %w", l.at, err)
		}
		r.at = l.at
	}
	if l.pos > int64(len(r.held)) || l.size > int64(len(r.held))-l.pos {
		return nil, fmt.Errorf("message %s: beyond the end of its frame at %d", l.digest.Hex(), l.at)
	}
	return r.held[l.pos:][:l.size:l.size], nil
}

// copy writes a message of any size. Only when it returned without an error what was written is the message.
func (r *frameReader) copy(w io.Writer, l location) error {
	if l.size <= maxWhole {
		b, err := r.bytes(l)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	}
	dec, err := newDecoder(io.NewSectionReader(r.f, l.at, l.length))
	if err != nil {
		return err
	}
	defer dec.Close()
	if _, err := io.CopyN(io.Discard, dec, l.pos); err != nil {
		return fmt.Errorf("message %s: %w", l.digest.Hex(), err)
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w, sum), dec, l.size); err != nil {
		return fmt.Errorf("message %s: %w", l.digest.Hex(), err)
	}
	if digest.Sum(sum) != l.digest {
		return fmt.Errorf("message %s: %w", l.digest.Hex(), errDigest)
	}
	return nil
}

func (r *frameReader) close() { r.dec.Close() }
