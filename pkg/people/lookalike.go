package people

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
)

// LookAlike says that two domains among the correspondents are easily taken for each other. It says nothing of why they are.
type LookAlike struct {
	A       string   `json:"a"` // the one seen first
	B       string   `json:"b"`
	Why     string   `json:"why"`
	PeopleA []string `json:"people_a"` // ids of those with an address there, at most 20
	PeopleB []string `json:"people_b"`
}

const (
	mostLookAlikes     = 200
	mostDomains        = 20_000
	mostLookAlikeNames = 20
	shortestLabel      = 5 // of names to be compared by one edit: shorter ones are often one edit apart by chance
)

// domainUse is an organisation's domain with those who write from it.
type domainUse struct {
	ascii, shown, label string
	people              []string
}

// LookAlikes finds domains among the addresses that differ by one edit, that read alike (UTS #39 skeletons, the part of them seen in mail), or that show other letters than
// those of the Latin script (RFC 3492). The order is that of first appearance.
func LookAlikes(persons []Person) []LookAlike {
	domains := organisations(persons)
	out := []LookAlike{}
	seen := map[[2]int]bool{}
	add := func(i, j int, why string) {
		if i > j {
			i, j = j, i
		}
		if i == j || seen[[2]int{i, j}] || len(out) == mostLookAlikes {
			return
		}
		seen[[2]int{i, j}] = true
		out = append(out, LookAlike{A: domains[i].ascii, B: domains[j].ascii, Why: why, PeopleA: domains[i].people, PeopleB: domains[j].people})
	}
	skeletons, deletions := map[string][]int{}, map[string][]int{}
	for i := range domains {
		d := &domains[i]
		for _, j := range skeletons[skeleton(d.label)] {
			if domains[j].label != d.label {
				add(j, i, domains[j].shown+" and "+d.shown+" read alike")
			}
		}
		skeletons[skeleton(d.label)] = append(skeletons[skeleton(d.label)], i)
		if len([]rune(d.label)) < shortestLabel {
			continue
		}
		for _, key := range withoutOne(d.label) {
			for _, j := range deletions[key] {
				if domains[j].label != d.label && nearly(domains[j].label, d.label) {
					add(j, i, domains[j].shown+" and "+d.shown+" are one letter apart")
				}
			}
			deletions[key] = append(deletions[key], i)
		}
	}
	for i := range domains {
		if d := &domains[i]; d.ascii != d.shown && mixed(d.label) && len(out) < mostLookAlikes {
			out = append(out, LookAlike{A: d.ascii, B: d.shown, Why: "the name mixes letters of several scripts, which look alike", PeopleA: d.people, PeopleB: []string{}})
		}
	}
	return out
}

func organisations(persons []Person) []domainUse {
	var all []domainUse
	at := map[string]int{}
	for i := range persons {
		for _, address := range persons[i].Addresses {
			name := strings.ToLower(strings.Trim(address[strings.LastIndexByte(address, '@')+1:], "<>. "))
			if !strings.Contains(address, "@") {
				continue
			}
			org, err := publicsuffix.EffectiveTLDPlusOne(name)
			if err != nil {
				continue
			}
			n, known := at[org]
			if !known {
				if len(all) == mostDomains {
					continue
				}
				n = len(all)
				at[org] = n
				shown := unicodeDomain(org)
				label, _, _ := strings.Cut(shown, ".")
				all = append(all, domainUse{ascii: org, shown: shown, label: label, people: []string{}})
			}
			if d := &all[n]; len(d.people) < mostLookAlikeNames && !slices.Contains(d.people, persons[i].ID) {
				d.people = append(d.people, persons[i].ID)
			}
		}
	}
	return all
}

// withoutOne gives the label and the label without each of its letters: two labels that are one edit apart have one of these in common.
func withoutOne(label string) []string {
	runes := []rune(label)
	if len(runes) > 64 {
		return nil
	}
	out := []string{label}
	for i := range runes {
		out = append(out, string(runes[:i])+string(runes[i+1:]))
	}
	slices.SortFunc(out, cmp.Compare[string])
	return slices.Compact(out)
}

// mixed tells letters of several scripts in one label.
func mixed(label string) bool {
	scripts := 0
	for _, table := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian} {
		if strings.IndexFunc(label, func(r rune) bool { return unicode.Is(table, r) }) >= 0 {
			scripts++
		}
	}
	return scripts > 1
}
