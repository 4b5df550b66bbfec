@rem The same program by a name that asks for no cargo.
@"%~dp0cargo-lambdapack.exe" %*
