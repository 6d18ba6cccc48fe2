package evidence

import (
	"sync"

	"onrecord/pkg/message"
)

const (
	mostLists = 4096 // kept
	longList  = 512  // octets of a field's body
)

// addressLists keeps address lists that were read: the mail of one mailbox names the same people again and again.
type addressLists struct {
	mu     sync.Mutex
	byBody map[string][]message.Address
}

// parse reads an address list as message.ParseAddressList does. Lists with defects are not kept.
func (l *addressLists) parse(f message.Field) ([]message.Address, []message.Defect) {
	body := f.Body()
	if len(body) > longList {
		return message.ParseAddressList(f)
	}
	l.mu.Lock()
	list, known := l.byBody[string(body)]
	l.mu.Unlock()
	if known {
		return list, nil
	}
	list, defects := message.ParseAddressList(f)
	if len(defects) > 0 {
		return list, defects
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byBody == nil || len(l.byBody) == mostLists {
		l.byBody = map[string][]message.Address{}
	}
	l.byBody[string(body)] = list
	return list, nil
}
