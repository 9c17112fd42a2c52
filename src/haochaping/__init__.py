"""haochaping 好差评: citizens rate every government service, and each bad rating is put right."""
