package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"onrecord/pkg/digest"
)

// deep reads every byte of a segment: the file has its digest, and the tar in it is what the manifest says, byte for byte.
func (v *verifier) deep(run int64, l layout, f oldFile, digests []digest.Digest, sizes []int64) error {
	name := segmentName(run, l.segment)
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	// Frames are read in order by one goroutine, which digests the file; they are decompressed and compared by others.
	type part struct {
		z       []byte
		at      int64
		frame   frame
		digests []digest.Digest
		sizes   []int64
		wrong   chan error
	}
	work := make(chan *part, readers)
	order := make(chan *part, 2*readers)
	sum := sha256.New()
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		at := int64(0)
		for _, fr := range l.frames {
			p := &part{at: at, frame: fr, digests: digests[:fr.messages], sizes: sizes[:fr.messages], wrong: make(chan error, 1)}
			digests, sizes = digests[fr.messages:], sizes[fr.messages:]
			if fr.size <= maxFrame && fr.length <= 2*maxFrame {
				p.z = make([]byte, fr.length)
				if readErr = readFull(f, p.z, at); readErr != nil {
					return
				}
				sum.Write(p.z)
			} else if readErr = copyPart(sum, f, at, fr.length); readErr != nil {
				return
			}
			at += fr.length
			for _, c := range [...]chan *part{work, order} {
				select {
				case c <- p:
				case <-ctx.Done():
					readErr = ctx.Err()
					return
				}
			}
		}
	}()
	for range readers {
		go func() {
			dec, err := newDecoder(nil)
			for p := range work {
				var z io.Reader = bytes.NewReader(p.z)
				if p.z == nil {
					z = io.NewSectionReader(f, p.at, p.frame.length)
				}
				if err == nil {
					err = dec.Reset(z)
				}
				if err == nil {
					p.wrong <- compareFrame(dec, l.head.Time, p.digests, p.sizes)
				} else {
					p.wrong <- err
				}
			}
			if dec != nil {
				dec.Close()
			}
		}()
	}
	bad := 0
	for p := range order {
		if err := <-p.wrong; err != nil {
			bad++
			v.add("segments", name, Mismatch, "frame at %d: %v", p.at, err)
		}
		for _, size := range p.sizes {
			v.Bytes += size
		}
	}
	if readErr != nil {
		return v.broken("segments", name, readErr)
	}
	if digest.Sum(sum) != l.segment {
		v.add("segments", name, Mismatch, "the file does not have the digest that its name and its manifest give")
	}
	return v.ctx.Err()
}

func copyPart(w io.Writer, r io.ReaderAt, at, length int64) error {
	n, err := io.Copy(w, io.NewSectionReader(r, at, length))
	if err == nil && n < length {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// compareFrame decompresses a frame and compares it with the tar that its messages give. Without messages it is the end of a tar.
func compareFrame(dec io.Reader, at time.Time, digests []digest.Digest, sizes []int64) error {
	buf := make([]byte, 64<<10)
	var header bytes.Buffer
	sum := sha256.New()
	for i, d := range digests {
		header.Reset()
		if err := tar.NewWriter(&header).WriteHeader(memberHeader(d, sizes[i], at)); err != nil {
			return err
		}
		if err := expect(dec, buf, header.Bytes()); err != nil {
			return fmt.Errorf("the header of %s in the tar: %w", memberName(d), err)
		}
		sum.Reset()
		if err := sumOf(dec, buf, sum, sizes[i]); err != nil {
			return err
		}
		if digest.Sum(sum) != d {
			return fmt.Errorf("message %s: %w", d.Hex(), errDigest)
		}
		if err := expect(dec, buf, make([]byte, padded(sizes[i])-tarBlock-sizes[i])); err != nil {
			return fmt.Errorf("behind %s in the tar: %w", memberName(d), err)
		}
	}
	if len(digests) == 0 {
		if err := expect(dec, buf, make([]byte, 2*tarBlock)); err != nil {
			return fmt.Errorf("the end of the tar: %w", err)
		}
	}
	if n, err := io.ReadFull(dec, buf[:1]); n > 0 || err != io.EOF {
		return errors.New("more lies in it than its messages")
	}
	return nil
}

func expect(r io.Reader, buf, want []byte) error {
	got := buf[:len(want)]
	if _, err := io.ReadFull(r, got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errors.New("is not what it has to be")
	}
	return nil
}

func sumOf(r io.Reader, buf []byte, sum hash.Hash, size int64) error {
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{io.LimitReader(r, size)}, buf)
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return err
}
