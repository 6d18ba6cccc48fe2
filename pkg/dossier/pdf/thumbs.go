package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/ascii85"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/image/draw"

	"onrecord/pkg/evidence"
	"onrecord/pkg/message"
)

// Bounds on images: what a hostile mail may cost. An image that is beyond them is told of, not shown.
const (
	maxImageBytes   = 16 << 20
	maxImagePixels  = 30 << 20  // of one image
	allImagePixels  = 600 << 20 // of a document
	maxThumbs       = 6         // of an exhibit
	allThumbs       = 2000      // of a document
	thumbWidth      = 140.0     // points
	thumbHeight     = 105.0
	thumbResolution = 2 // pixels a point
)

// thumbs shows the images among the parts of an exhibit, small. Each is what its digest says, or it is not shown.
func (b *book) thumbs(r *evidence.Record) {
	if b.o.Open == nil || b.err != nil {
		return
	}
	x, shown, beyond, tallest := b.left, 0, 0, 0.0
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.ContentType != "image/png" && p.ContentType != "image/jpeg" && p.ContentType != "image/gif" && p.ContentType != "image/jpg" {
			continue
		}
		if shown == maxThumbs || b.thumbCount == allThumbs || p.Size > maxImageBytes || p.Length > 2*maxImageBytes {
			beyond++
			continue
		}
		small, err := b.thumb(r.File, p)
		if err != nil {
			beyond++
			continue
		}
		b.thumbCount++
		w, h := float64(small.width)/thumbResolution, float64(small.height)/thumbResolution
		if x+w > b.right+hair || shown == 0 {
			if shown > 0 {
				b.y += tallest + 16
			}
			b.need(thumbHeight + 16)
			x, tallest = b.left, 0
		}
		b.picture(small, x, b.y, w, h)
		caption := b.t.fit(p.Path+"  "+p.Filename, regular, 5.8, max(w, 100))
		b.text(x, b.y+h+7, caption, style{size: 5.8, ink: grey})
		x += max(w, 100) + 14
		tallest = max(tallest, h)
		shown++
	}
	if shown > 0 {
		b.y += tallest + 16
	}
	if beyond > 0 {
		b.para(faint(b.say.N(beyond, "%s image is not shown here; the exhibit’s file holds it.", "%s images are not shown here; the exhibit’s file holds them.")))
	}
}

// picture draws an image inside of the page's content (ISO 32000-1 §8.9.7), as text (ASCII85Decode), so that nothing in it can be taken for its end. As an object of
// its own it would make the file another one each time: gofpdf numbers images of equal width by chance.
func (b *book) picture(small *thumb, x, y, w, h float64) {
	p := append(b.raw[:0], "q "...)
	p = number(p, w)
	p = append(p, "0 0 "...)
	p = number(number(number(p, h), x), b.pageHeight-y-h)
	p = fmt.Appendf(p, "cm\nBI /W %d /H %d /CS /RGB /BPC 8 /F [/A85 /DCT]\nID\n", small.width, small.height)
	coded := make([]byte, ascii85.MaxEncodedLen(len(small.jpeg)))
	for rest := coded[:ascii85.Encode(coded, small.jpeg)]; len(rest) > 0; {
		n := min(len(rest), 120)
		p = append(append(p, rest[:n]...), '\n')
		rest = rest[n:]
	}
	b.raw = append(p, "~>\nEI\nQ"...)
	b.pdf.RawWriteStr(string(b.raw))
}

// thumb is an image made small.
type thumb struct {
	jpeg          []byte
	width, height int
}

var errImage = errors.New("not an image to be shown")

// thumb reads a part's content, checks it against its digest, and makes it small.
func (b *book) thumb(file string, p *message.Part) (*thumb, error) {
	content, err := b.content(file, p)
	if err != nil {
		return nil, err
	}
	decodeConfig, decode := png.DecodeConfig, png.Decode
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xd8")):
		decodeConfig, decode = jpeg.DecodeConfig, jpeg.Decode
	case bytes.HasPrefix(content, []byte("GIF8")):
		decodeConfig, decode = gif.DecodeConfig, gif.Decode
	}
	c, err := decodeConfig(bytes.NewReader(content))
	pixels := int64(c.Width) * int64(c.Height)
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > 1<<16 || c.Height > 1<<16 || pixels > maxImagePixels || b.thumbPixels+pixels > allImagePixels {
		return nil, errImage
	}
	b.thumbPixels += pixels
	full, err := decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	scale := min(thumbWidth*thumbResolution/float64(c.Width), thumbHeight*thumbResolution/float64(c.Height), 1)
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(c.Width)*scale)), max(1, int(float64(c.Height)*scale))))
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 80}); err != nil {
		return nil, err
	}
	return &thumb{out.Bytes(), small.Bounds().Dx(), small.Bounds().Dy()}, nil
}

// content gives the decoded content of a part, which must be what its digest says.
func (b *book) content(file string, p *message.Part) ([]byte, error) {
	f, err := b.o.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if seeker, ok := f.(io.Seeker); ok {
		_, err = seeker.Seek(p.Offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, f, p.Offset)
	}
	if err != nil {
		return nil, err
	}
	var in io.Reader = io.LimitReader(f, p.Length)
	switch strings.ToLower(p.Encoding) {
	case "base64":
		in = base64.NewDecoder(base64.StdEncoding, in)
	case "quoted-printable":
		in = quotedprintable.NewReader(in)
	}
	content, err := io.ReadAll(io.LimitReader(in, maxImageBytes+1))
	if err != nil && len(content) == 0 {
		return nil, err
	}
	if sum := sha256.Sum256(content); fmt.Sprintf("%x", sum) != p.SHA256.Hex() {
		return nil, errImage
	}
	return content, nil
}
