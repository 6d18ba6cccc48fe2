# Compares onrecord's DKIM facts with those of Mail::DKIM. usage: perl maildkim.pl CORPUS <RECORDS; as dkimpy.py. Mail::DKIM's clock is left out, because onrecord
# tells an expired signature as valid and expired.
use strict;
use warnings;
use JSON::PP;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Mail::DKIM::Signature;
use Net::DNS;

my $corpus = shift;
my %keys;
open my $list, '<', "$corpus/keys.tsv" or die "$corpus/keys.tsv: $!\n";
while (<$list>) {
    chomp;
    my ( $name, $record ) = split /\t/, $_, 2;
    $name =~ s/\.$//;
    $keys{ lc $name } = $record;
}

{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ( $name, $type ) = @_;
        my $record = $keys{ lc $name };
        return unless defined $record && $type eq 'TXT';
        return Net::DNS::RR->new( name => $name, type => 'TXT', txtdata => [ $record =~ /(.{1,255})/gs ] );
    };
    *Mail::DKIM::Signature::check_expiration = sub { 1 };
}

my ( $agree, $unkeyed, @differ ) = ( 0, 0 );
while ( my $line = <STDIN> ) {
    my $record = decode_json($line);
    my ($file) = $record->{origin}{source} =~ m{([^/]+)$};
    open my $mail, '<:raw', "$corpus/gmail-set/$file" or die "$file: $!\n";
    my $raw = do { local $/; <$mail> };
    $raw =~ s/\r?\n/\r\n/g;
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT($raw);
    $verifier->CLOSE;
    my %theirs;
    for my $s ( $verifier->signatures ) {
        next if $s->isa('Mail::DKIM::DkSignature');
        push @{ $theirs{ lc( $s->domain // '' ) . ' ' . ( $s->selector // '' ) } }, $s->result;
    }
    for my $s ( grep { $_->{kind} eq 'DKIM-Signature' } @{ $record->{authentication}{dkim} } ) {
        my $verdict = shift @{ $theirs{ lc( $s->{domain} ) . ' ' . $s->{selector} } // [] };
        if ( $s->{signature} eq 'unchecked' ) { $unkeyed++; next }
        my $ours = $s->{signature} eq 'valid' && $s->{body_hash} ne 'mismatch' ? 'pass' : 'fail';
        $verdict //= 'no verdict';
        if   ( $verdict eq $ours ) { $agree++ }
        else                       { push @differ, "$file, $s->{domain}: onrecord $ours, Mail::DKIM $verdict" }
    }
}
print "$agree signatures: the same verdict; ", scalar @differ, " differ; $unkeyed without a key\n";
print "  $_\n" for @differ;
exit( @differ || !$agree ? 1 : 0 );
