"""An independent scanner (wapiti) let loose on a desk that runs on this machine."""
