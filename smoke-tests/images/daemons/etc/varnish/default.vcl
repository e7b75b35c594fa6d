vcl 4.1;
backend default none;
sub vcl_recv { return (synth(200, "one")); }
sub vcl_synth { set resp.body = "one"; return (deliver); }
