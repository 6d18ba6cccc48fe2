package people

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLookAlikesAmongCorrespondents(t *testing.T) {
	var persons []Person
	for i, a := range []string{"ada@harbour.example", "ben@harb0ur.example", "cy@harbours.example", "di@plant.example", "eve@mail.harbour.example", "fay@pla.example", "gil@pl.example", "no address",
		"ida@xn--hrbour-3ve.example", "jo@modern-lift.example", "kim@modernlift.example", "lee@rnodernlift.example"} {
		persons = append(persons, Person{ID: fmt.Sprintf("p%d", i+1), Addresses: []string{a}})
	}
	all := LookAlikes(persons)
	has := map[string]string{}
	for _, l := range all {
		has[l.A+" "+l.B] = l.Why
	}
	assert.Contains(t, has["harbour.example harb0ur.example"], "read alike")
	assert.Contains(t, has["harbour.example harbours.example"], "one letter apart")
	assert.Contains(t, has["modernlift.example rnodernlift.example"], "read alike")
	assert.Contains(t, has["modern-lift.example modernlift.example"], "read alike")
	assert.NotContains(t, has, "plant.example harbour.example")
	assert.NotContains(t, has, "pla.example pl.example", "short names are one letter apart by chance")
	assert.Equal(t, []string{"p1", "p5"}, all[0].PeopleA)
	assert.Equal(t, all, LookAlikes(persons))
	assert.Equal(t, []LookAlike{}, LookAlikes(nil))
}

// A mailbox of many domains costs no square of their number, and no more is told than the bound.
func TestLookAlikesAreBounded(t *testing.T) {
	var persons []Person
	for i := range 30_000 {
		persons = append(persons, Person{ID: "p", Addresses: []string{fmt.Sprintf("a@domain%05d.example", i)}})
	}
	assert.LessOrEqual(t, len(LookAlikes(persons)), mostLookAlikes)
}
