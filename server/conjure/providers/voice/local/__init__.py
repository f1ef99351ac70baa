"""A voice on this machine: espeak-ng and LAME, in processes of their own (the extra `voice`)."""
