"""What the checker of ONNX says of the models on standard input, a line of base64 each: an empty line, or what is wrong."""

import base64
import sys

import onnx

for line in sys.stdin:
    try:
        onnx.checker.check_model(base64.b64decode(line), full_check=True)
        print()
    except Exception as error:
        print(" ".join(str(error).split())[:400])
