package message_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"onrecord/pkg/message"
)

func TestAddressList(t *testing.T) {
	type list []message.Address
	for _, c := range []struct {
		in      string
		want    list
		defects int
	}{
		{"a@one.example", list{{"", "a@one.example"}}, 0},
		{"Ann Bell <a@one.example>, \"Doe, John\" <j@one.example>", list{{"Ann Bell", "a@one.example"}, {"Doe, John", "j@one.example"}}, 0},
		{"<a@one.example>,,<b@one.example>,", list{{"", "a@one.example"}, {"", "b@one.example"}}, 0},
		{"a@one.example (Ann Bell)", list{{"Ann Bell", "a@one.example"}}, 0},
		{"Ann <a@one.example> (work)", list{{"Ann (work)", "a@one.example"}}, 0},
		{"\"Ann \\\"Bee\\\" Bell\" <a@one.example>", list{{`Ann "Bee" Bell`, "a@one.example"}}, 0},
		{"\"ann bell\"@one.example", list{{"", `"ann bell"@one.example`}}, 0},
		{"Ann <\"ann, bell\"@one.example>", list{{"Ann", `"ann, bell"@one.example`}}, 0},
		{"A.B. Ann <Ann@[IPv6:2001:db8::1]>", list{{"A.B. Ann", "Ann@[IPv6:2001:db8::1]"}}, 0},
		{"ann@[192.0.2.1]", list{{"", "ann@[192.0.2.1]"}}, 0},
		{"=?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_Beck?= <j@one.example>", list{{"Jörg Beck", "j@one.example"}}, 0},
		{"\"=?utf-8?Q?J=C3=B6rg?=\" <j@one.example>", list{{"Jörg", "j@one.example"}}, 0},
		{"=?utf-8?Q?Beck,_J=C3=B6rg?= <j@one.example>", list{{"Beck, Jörg", "j@one.example"}}, 0},
		{"J\xf6rg <j@one.example>", list{{"Jörg", "j@one.example"}}, 0},
		// RFC 5322 appendix A.1.3, A.5, A.6.1
		{"A Group:Ed Jones <c@a.example>,joe@where.example,John <jdoe@one.example>;", list{{"Ed Jones", "c@a.example"}, {"", "joe@where.example"}, {"John", "jdoe@one.example"}}, 0},
		{"Undisclosed recipients:;", list{{"Undisclosed recipients", ""}}, 0},
		{"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", list{{"(Empty list)(start)Hidden recipients", ""}}, 0},
		{"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", list{{"Pete(A nice ) chap)", "pete@silly.test"}}, 0},
		{"Joe Q. Public <john.q.public@one.example>", list{{"Joe Q. Public", "john.q.public@one.example"}}, 0},
		{"Mary Smith <@node.test:mary@one.example>, , jdoe@test  . example", list{{"Mary Smith", "mary@one.example"}, {"", "jdoe@test.example"}}, 0},
		{"<@a.example,@b.example:c@d.example>", list{{"", "c@d.example"}}, 0},
		{"ann @ one.example", list{{"", "ann@one.example"}}, 0},
		// not in the form of RFC 5322
		{"Doe, John <j@one.example>", list{{"Doe, John", "j@one.example"}}, 1},
		{"Doe, John, Dr. <j@one.example>, b@one.example", list{{"Doe, John, Dr.", "j@one.example"}, {"", "b@one.example"}}, 1},
		{"a@one.example; b@one.example", list{{"", "a@one.example"}, {"", "b@one.example"}}, 0},
		{"a@one.example b@one.example", list{{"", "a@one.example"}, {"", "b@one.example"}}, 1},
		{"Ann <a@one.example> Bob <b@one.example>", list{{"Ann", "a@one.example"}, {"Bob", "b@one.example"}}, 1},
		{"Ann Bell a@one.example", list{{"Ann Bell", "a@one.example"}}, 1},
		{"Ann <a@one.example, Bob <b@one.example>", list{{"Ann", "a@one.example"}, {"Bob", "b@one.example"}}, 1},
		{"Ann <<a@one.example>>", list{{"Ann", "a@one.example"}}, 0},
		{"Ann <mailto:a@one.example>", list{{"Ann", "a@one.example"}}, 0},
		{"mailto:a@one.example", list{{"", "a@one.example"}}, 0},
		{"\"Ann <a@one.example>\"", list{{"Ann", "a@one.example"}}, 1},
		{"'a@one.example'", list{{"", "a@one.example"}}, 0},
		{"\"a@one.example\"", list{{"", "a@one.example"}}, 1},
		{"\"a@one.example\" <a@one.example>", list{{"a@one.example", "a@one.example"}}, 0},
		{"ann at one.example", list{{"", "ann@one.example"}}, 1},
		{"ann at one.example (Ann Bell)", list{{"Ann Bell", "ann@one.example"}}, 1},
		{"\"Ann Bell <a@one.example>", list{{"Ann Bell", "a@one.example"}}, 0},
		{"Ann (Bell <a@one.example>", list{{"Ann (Bell", "a@one.example"}}, 0},
		{"<Undisclosed-Recipient:;>", list{{"Undisclosed-Recipient:;", ""}}, 1},
		{"Ann <a@one.example; Bob <b@one.example>", list{{"Ann", "a@one.example"}, {"Bob", "b@one.example"}}, 1},
		{"root", list{{"root", ""}}, 1},
		{"MAILER-DAEMON <>", list{{"MAILER-DAEMON", ""}}, 1},
		{"Ann <ann>", list{{"Ann", "ann"}}, 1},
		{"all of you, b@one.example", list{{"all of you", ""}, {"", "b@one.example"}}, 1},
		{"=?utf-8?Q?Ann_=3Ca=40one=2Eexample=3E?=", list{{"Ann", "a@one.example"}}, 1},
		{"", nil, 0},
	} {
		got, defects := message.ParseAddressList(message.Field{Name: "To", Raw: []byte("To: " + c.in + "\r\n"), Offset: 5})
		assert.Equal(t, []message.Address(c.want), got, c.in)
		if assert.Len(t, defects, c.defects, "%s %+v", c.in, defects) && len(defects) > 0 {
			assert.EqualValues(t, 5, defects[0].Offset)
		}
	}
}
