package words

import (
	"cmp"
	"slices"

	"onrecord/pkg/notice"
)

// Foremost picks the n statements to show where there is no room for all, in the order in which they are given: those that a person confirmed, then those that the
// program is surest of, then the earlier ones.
func Foremost(all []*notice.Statement, n int) []*notice.Statement {
	if len(all) <= n {
		return all
	}
	place := make([]int, len(all))
	for i := range place {
		place[i] = i
	}
	slices.SortStableFunc(place, func(x, y int) int {
		return cmp.Or(cmp.Compare(rank(all[x]), rank(all[y])), cmp.Compare(all[y].Confidence, all[x].Confidence))
	})
	place = place[:max(n, 0)]
	slices.Sort(place)
	chosen := make([]*notice.Statement, len(place))
	for i, p := range place {
		chosen[i] = all[p]
	}
	return chosen
}

func rank(s *notice.Statement) int {
	if s.Origin == notice.Marked {
		return 0
	}
	return 1
}
