"""Rates on the citizen's page with Chromium 87 (December 2020), which stands for old WeChat and
domestic browsers. Run as a program of its own.

usage: old_browser.py ADDRESS PICTURE; prints one JSON object: the browser, what the page looked
like, and where it ended.
"""

import json
import os
import sys

os.environ |= {
    "QT_QPA_PLATFORM": "offscreen",
    "QT_QUICK_BACKEND": "software",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --no-zygote --disable-gpu --lang=zh-CN",
}

from PyQt5.QtCore import Qt, QTimer, QUrl
from PyQt5.QtWebEngineWidgets import QWebEngineProfile, QWebEngineView
from PyQt5.QtWidgets import QApplication

LOOK = """(() => {
  document.querySelector("label[for=l2]").click();
  const shown = (node) => getComputedStyle(node).display !== "none";
  const faces = [...document.querySelectorAll(".face")].map((face) => face.getBoundingClientRect());
  return JSON.stringify({
    faces: faces.length,
    inside: faces.every((box) => box.left >= 0 && box.right <= innerWidth && box.height > 40),
    inARow: new Set(faces.map((box) => Math.round(box.top))).size === 1,
    reasons: shown(document.querySelector(".why2")) && !shown(document.querySelector(".why5")),
    styled: getComputedStyle(document.querySelector(".go")).backgroundColor,
  });
})()"""
SEND = """document.querySelector(".why2 input").click(); document.querySelector(".go").click();"""


def main(address: str, picture: str) -> None:
    """Open, look, rate, and say where it ended."""
    QApplication.setAttribute(Qt.AA_ShareOpenGLContexts)
    app, view, said = QApplication(sys.argv), QWebEngineView(), {}
    view.resize(390, 844)
    said["browser"] = QWebEngineProfile.defaultProfile().httpUserAgent()

    def looked(found: str) -> None:
        said.update(json.loads(found))
        view.grab().save(picture)
        view.page().runJavaScript(SEND)

    def loaded(_good: bool) -> None:
        if view.url().path().endswith("/done"):
            said["ended"] = view.url().path()
            app.quit()
        elif "faces" not in said:
            view.page().runJavaScript(LOOK, looked)

    view.loadFinished.connect(loaded)
    view.load(QUrl(address))
    view.show()
    QTimer.singleShot(40_000, app.quit)
    app.exec_()
    print(json.dumps(said))


main(*sys.argv[1:3])
