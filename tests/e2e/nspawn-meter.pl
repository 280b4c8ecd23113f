# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The greend authors
#
# meter.pl ENERGY_UJ_FILE TRUTH_FILE: turns a counter 200 times a second until SIGTERM, then writes all the
# energy that went through it. In place and of one length: greend keeps the file open.
use strict;
use warnings;
use Time::HiRes qw(sleep);

my ($meter, $truth) = @ARGV;
my ($total, $stop) = (0, 0);
$SIG{TERM} = sub { $stop = 1 };
open(my $file, '+<', $meter) or die "$meter: $!";
srand(1);
while (!$stop) {
    $total += 1 + int(rand(200000));
    sysseek($file, 0, 0);
    syswrite($file, sprintf("%013d\n", $total));
    sleep(0.005);
}
open(my $out, '>', $truth) or die "$truth: $!";
print $out $total;
close($out);
