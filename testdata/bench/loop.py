"""The loop that make bench compares with: what a Python user writes to list and digest an mbox. It does less than onrecord."""
import email
import hashlib
import mailbox
import sys

box = mailbox.mbox(sys.argv[1], create=False)
count = 0
for key in box.iterkeys():
    raw = box.get_bytes(key)
    hashlib.sha256(raw).hexdigest()
    message = email.message_from_bytes(raw)
    message["Message-ID"], message["From"], message["Subject"], message["Date"]
    count += 1
print(count)
