"""The lines of /docs, pasted into a shell: docs_faults() tells those that are not answered as a call that makes sense."""
import html
import re
import subprocess

# What ends the session of the lines after it.
ENDS_IT = (r"-X DELETE '[^']*/api/(sessions|account)", r"/api/account/password'")
# A line with the id of something that is not there, or of another's, is refused like this: a call that makes sense.
SENSIBLE = re.compile(r"20\d|303|403|404|409")
# What no page can make up: what is signed, sent by mail, or a picture; and the listing of the lines before, whose shop only ships by then.
ELSEWHERE = {"/api/checkout'": "422", "/api/payments/events'": "400", "/photos'": "422", "-X PUT '[^']*/api/account/confirmation'": "422",
             "-X PUT '[^']*/api/password-resets'": "422"}


def docs_faults(stack):
    """Yields each line that is refused as malformed."""
    page = subprocess.run(["curl", "-s", stack.url + "/docs"], capture_output=True, text=True, check=True).stdout
    lines = [html.unescape(line) for line in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.S)]
    if len(lines) < 80:
        yield f"/docs has {len(lines)} lines"
        return
    lines = [lines[0], *(line for line in lines[1:] if not any(re.search(end, line) for end in ENDS_IT))]
    script = "\n".join([lines[0], *(line.replace("curl", "curl -s -o /dev/null -w '%{http_code}\\n'", 1) for line in lines[1:])])
    answers = subprocess.run(["sh", "-c", script.replace("@photo.jpg", "@/dev/null")], capture_output=True, text=True).stdout.split()
    if len(answers) != len(lines) - 1:
        yield f"{len(lines) - 1} lines have {len(answers)} answers"
    for line, status in zip(lines[1:], answers):
        known = [want for words, want in ELSEWHERE.items() if re.search(words, line)]
        if not SENSIBLE.fullmatch(status) and status not in known:
            yield f"{status} {line}"
