package pdf

// script is a font for what the text faces do not draw, or not as well.
type script struct {
	file   string // below fonts/, without .ttf.gz
	bold   string
	ranges []rune // pairs of the first and the last code point of blocks (Blocks.txt of the Unicode database) that it may draw; it is opened only for these
	scale  float64
	emoji  bool // it draws emoji sequences, wherever their first code point lies
}

// scripts, in the order in which they are asked.
var scripts = [...]script{
	{"NotoSansArabic-Regular", "NotoSansArabic-Bold", []rune{0x0600, 0x06FF, 0x0750, 0x077F, 0x08A0, 0x08FF, 0xFB50, 0xFDFF, 0xFE70, 0xFEFE}, 1, false},
	{"NotoSansHebrew-Regular", "NotoSansHebrew-Bold", []rune{0x0590, 0x05FF, 0xFB1D, 0xFB4F}, 1, false},
	{"NotoSansDevanagari-Regular", "", []rune{0x0900, 0x097F, 0x1CD0, 0x1CFF, 0xA830, 0xA83F, 0xA8E0, 0xA8FF}, 1, false},
	{"NotoSansBengali-Regular", "", []rune{0x0964, 0x0965, 0x0980, 0x09FF}, 1, false},
	{"NotoSansGurmukhi-Regular", "", []rune{0x0A00, 0x0A7F}, 1, false},
	{"NotoSansGujarati-Regular", "", []rune{0x0A80, 0x0AFF}, 1, false},
	{"NotoSansOriya-Regular", "", []rune{0x0B00, 0x0B7F}, 1, false},
	{"NotoSansTamil-Regular", "", []rune{0x0B80, 0x0BFF}, 1, false},
	{"NotoSansTelugu-Regular", "", []rune{0x0C00, 0x0C7F}, 1, false},
	{"NotoSansKannada-Regular", "", []rune{0x0C80, 0x0CFF}, 1, false},
	{"NotoSansMalayalam-Regular", "", []rune{0x0D00, 0x0D7F}, 1, false},
	{"NotoSansSinhala-Regular", "", []rune{0x0D80, 0x0DFF}, 1, false},
	{"NotoSansThai-Regular", "", []rune{0x0E00, 0x0E7F}, 1, false},
	{"NotoSansLao-Regular", "", []rune{0x0E80, 0x0EFF}, 1, false},
	{"NotoSerifTibetan-Regular", "", []rune{0x0F00, 0x0FFF}, 0.9, false},
	{"NotoSansMyanmar-Regular", "", []rune{0x1000, 0x109F, 0xA9E0, 0xA9FF, 0xAA60, 0xAA7F}, 0.9, false},
	{"NotoSansGeorgian-Regular", "", []rune{0x10A0, 0x10FF, 0x1C90, 0x1CBF, 0x2D00, 0x2D2F}, 1, false},
	{"NotoSansEthiopic-Regular", "", []rune{0x1200, 0x139F, 0x2D80, 0x2DDF, 0xAB00, 0xAB2F}, 1, false},
	{"NotoSansKhmer-Regular", "", []rune{0x1780, 0x17FF, 0x19E0, 0x19FF}, 0.95, false},
	{"NotoSansMongolian-Regular", "", []rune{0x1800, 0x18AF}, 1, false},
	{"NotoSansSyriac-Regular", "", []rune{0x0700, 0x074F, 0x0860, 0x086F}, 1, false},
	{"NotoSansThaana-Regular", "", []rune{0x0780, 0x07BF}, 1, false},
	{"NotoSansNKo-Regular", "", []rune{0x07C0, 0x07FF}, 1, false},
	{"NotoSansCherokee-Regular", "", []rune{0x13A0, 0x13FF, 0xAB70, 0xABBF}, 1, false},
	{"NotoSansCanadianAboriginal-Regular", "", []rune{0x1400, 0x167F, 0x18B0, 0x18FF}, 1, false},
	{"NotoSansVai-Regular", "", []rune{0xA500, 0xA63F}, 1, false},
	{"NotoSansAdlam-Regular", "", []rune{0x1E900, 0x1E95F}, 1, false},
	{"NotoSansOlChiki-Regular", "", []rune{0x1C50, 0x1C7F}, 1, false},
	{"NotoSansMeeteiMayek-Regular", "", []rune{0xAAE0, 0xAAFF, 0xABC0, 0xABFF}, 1, false},
	{"NotoSansJavanese-Regular", "", []rune{0xA980, 0xA9DF}, 0.9, false},
	{"NotoSansBalinese-Regular", "", []rune{0x1B00, 0x1B7F}, 0.9, false},
	{"NotoSansYi-Regular", "", []rune{0xA000, 0xA4CF}, 1, false},
	{"NanumBarunGothic", "", []rune{0x1100, 0x11FF, 0x3130, 0x318F, 0xA960, 0xA97F, 0xAC00, 0xD7FF}, 1, false},
	{"DroidSansFallbackFull", "", []rune{0x1100, 0x11FF, 0x2E80, 0x9FFF, 0xA960, 0xA97F, 0xAC00, 0xD7FF, 0xF900, 0xFAFF, 0xFE30, 0xFE4F, 0xFF00, 0xFFEF, 0x2000, 0x2BFF}, 1, false},
	{"NotoSansMath-Regular", "", []rune{0x2000, 0x2BFF, 0x1D400, 0x1D7FF, 0x1EE00, 0x1EEFF}, 1, false},
	{"NotoEmoji-Regular", "", []rune{0x2000, 0x2BFF, 0x3030, 0x303D, 0x3297, 0x3299, 0x1F000, 0x1FAFF, 0xFE4E5, 0xFEEA0}, 0.86, true},
	{"NotoSansSymbols-Regular", "", []rune{0x2000, 0x2BFF, 0x1F100, 0x1F1FF, 0x1F700, 0x1F77F}, 1, false},
	{"NotoSansSymbols2-Regular", "", []rune{0x2000, 0x2BFF, 0x4DC0, 0x4DFF, 0x10100, 0x102FF, 0x1F000, 0x1FBFF}, 1, false},
}

// holds tells whether r lies in one of the ranges.
func (x *script) holds(r rune) bool {
	for i := 0; i < len(x.ranges); i += 2 {
		if r >= x.ranges[i] && r <= x.ranges[i+1] {
			return true
		}
	}
	return false
}

// own tells whether r is of what the text faces were made for: Latin, Greek, Cyrillic, Armenian, their marks and signs.
func own(r rune) bool {
	return r < 0x0590 || r >= 0x1AB0 && r <= 0x1AFF || r >= 0x1C80 && r <= 0x1C8F || r >= 0x1D00 && r <= 0x2BFF || r >= 0x2C60 && r <= 0x2C7F || r >= 0x2D30 && r <= 0x2D7F ||
		r >= 0x2DE0 && r <= 0x2E7F || r >= 0xA640 && r <= 0xA7FF || r >= 0xAB30 && r <= 0xAB6F || r >= 0xFB00 && r <= 0xFB17 || r >= 0xFFF0 && r <= 0xFFFF
}

// involved tells whether r is drawn well only by shaping it together with what stands beside it, or is on a plane that gofpdf cannot name.
func involved(r rune) bool {
	switch {
	case r < 0x0300:
		return false
	case r <= 0x036F, r >= 0x0483 && r <= 0x0489: // marks
		return true
	case r < 0x0590:
		return false
	case r < 0x10A0: // Hebrew to Myanmar
		return true
	case r < 0x1100:
		return false
	case r < 0x1200: // Hangul letters
		return true
	case r < 0x1700:
		return r >= 0x135D && r <= 0x135F
	case r < 0x1C80: // Tagalog to Ol Chiki
		return true
	case r < 0x2C00:
		return r >= 0x1CD0 && r <= 0x1CFF || r >= 0x1DC0 && r <= 0x1DFF || r == 0x200C || r == 0x200D || r >= 0x20D0 && r <= 0x20FF
	case r < 0xA800:
		return r == 0x2D7F || r >= 0x2DE0 && r <= 0x2DFF || r >= 0x302A && r <= 0x302F || r == 0x3099 || r == 0x309A || r >= 0xA66F && r <= 0xA67D || r >= 0xA69E && r <= 0xA69F || r == 0xA6F0 || r == 0xA6F1
	case r < 0xAC00: // Syloti Nagri to Meetei Mayek
		return r < 0xAB00 || r >= 0xABC0
	}
	return r >= 0xD7B0 && r <= 0xD7FF || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE00 && r <= 0xFE0F || r >= 0xFE20 && r <= 0xFE2F || r >= 0xFE70 && r <= 0xFEFE || r > 0xFFFF
}

// ignorable tells whether r, within a cluster, only says how the others are drawn: joiners, variation selectors, tags (Default_Ignorable_Code_Point).
func ignorable(r rune) bool {
	return r == 0x034F || r == 0x061C || r >= 0x17B4 && r <= 0x17B5 || r >= 0x180B && r <= 0x180F || r == 0x200C || r == 0x200D || r >= 0x2060 && r <= 0x2064 || r >= 0xFE00 && r <= 0xFE0F ||
		r >= 0xE0000 && r <= 0xE0FFF
}
