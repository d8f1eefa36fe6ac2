"""Starts the gateway on a free port and uses it as several people. Expectations follow from the policies in `world/`."""

import io
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import queue

import boto3
import botocore.config
import botocore.exceptions

HERE = pathlib.Path(__file__).parent
REGION = "eu-central-1"
KEYS = {entry["principal"].rsplit("/")[-1]: entry for entry in json.loads((HERE / "keys.json").read_text())}
checks = 0


def check(is_so, what):
    global checks
    checks += 1
    if not is_so:
        raise AssertionError(what)


class Gateway:
    """A running gateway with a folder of its own."""

    def __init__(self, program, folder):
        self.folder = folder
        folder.mkdir()
        shutil.copytree(HERE / "world", folder / "world")
        for name in ["keys.json", "gateway.json"]:
            shutil.copy(HERE / name, folder / name)
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            [program, folder / "gateway.json"], stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.url = self.line().removeprefix("listening on ")
        self.port = int(self.url.rsplit(":", 1)[1])

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self):
        return self.lines.get(timeout=20)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
        return self.line()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def client(self, user=None, secret=None, **config):
        options = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 1}, **config}
        if user is None:
            options["signature_version"] = botocore.UNSIGNED
        key = KEYS.get(user, {"accessKeyId": "AKIAEXAMPLENOBODY001", "secretAccessKey": "nobody"})
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=user and key["accessKeyId"],
            aws_secret_access_key=secret or key["secretAccessKey"],
            config=botocore.config.Config(**options),
        )

    def raw(self, target, method="GET"):
        """Status and body of an unsigned request whose target no client would send."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            request = f"{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            connection.sendall(request.encode("latin-1"))
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body


def refused(status, code, call, **parameters):
    """The call fails with this status and this code."""
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        check(found == (status, code), f"{call.__name__} {parameters}: {found} instead of {(status, code)}")
        return error.response
    raise AssertionError(f"{call.__name__} {parameters} is served")


def denied(call, **parameters):
    return refused(403, "AccessDenied", call, **parameters)


def body(client, **parameters):
    return client.get_object(**parameters)["Body"].read()


def keys(answer):
    return [entry["Key"] for entry in answer.get("Contents", [])]


def buckets_and_objects(olga, ana, ben, anybody):
    denied(ana.create_bucket, Bucket="reports", CreateBucketConfiguration={"LocationConstraint": REGION})
    for bucket in ["reports", "inbox"]:
        olga.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    refused(409, "BucketAlreadyOwnedByYou", olga.create_bucket, Bucket="inbox",
            CreateBucketConfiguration={"LocationConstraint": REGION})
    check([b["Name"] for b in olga.list_buckets()["Buckets"]] == ["inbox", "reports"], "buckets")
    denied(ana.list_buckets)
    check(olga.get_bucket_location(Bucket="reports")["LocationConstraint"] == REGION, "location")
    olga.head_bucket(Bucket="reports")
    refused(403, "403", ben.head_bucket, Bucket="reports")
    refused(404, "404", olga.head_bucket, Bucket="nowhere")

    texts = {"team/a": b"team a", "team/b/c": b"team b c", "press/1": b"press", "secret/x": b"secret", "top": b"top"}
    for key, text in texts.items():
        stored = olga.put_object(Bucket="reports", Key=key, Body=text)
        check(stored["ETag"] == olga.head_object(Bucket="reports", Key=key)["ETag"], "tag")
    # What a policy allows, another one denies, nobody mentions.
    check(body(ana, Bucket="reports", Key="team/a") == b"team a", "ana reads")
    check(body(ben, Bucket="reports", Key="team/b/c") == b"team b c", "ben reads by the bucket's policy")
    check(body(anybody, Bucket="reports", Key="press/1") == b"press", "the press reads")
    check(body(olga, Bucket="reports", Key="secret/x") == b"secret", "olga reads secrets")
    response = denied(ana.get_object, Bucket="reports", Key="secret/x")
    check(response["Error"].get("Resource") == "/reports/secret/x", "the resource is named")
    check(response["ResponseMetadata"].get("RequestId"), "the request is numbered")
    refused(403, "403", ana.head_object, Bucket="reports", Key="secret/x")
    denied(ben.get_object, Bucket="reports", Key="top")
    denied(anybody.get_object, Bucket="reports", Key="team/a")
    denied(ana.put_object, Bucket="reports", Key="team/a", Body=b"changed")
    check(body(olga, Bucket="reports", Key="team/a") == b"team a", "nothing was changed")

    # Only who may list is told that there is nothing.
    refused(404, "NoSuchKey", olga.get_object, Bucket="reports", Key="team/none")
    denied(ana.get_object, Bucket="reports", Key="team/none")

    # A variable in the resource; conditions on the address.
    ana.put_object(Bucket="inbox", Key="ana/note", Body=b"note")
    denied(ana.put_object, Bucket="inbox", Key="ben/note", Body=b"note")
    for key in ["office/a", "here/a"]:
        olga.put_object(Bucket="inbox", Key=key, Body=b"a")
    denied(ana.get_object, Bucket="inbox", Key="office/a")
    check(body(ana, Bucket="inbox", Key="here/a") == b"a", "the address is this one")

    # Parts, odd names, nothing, much.
    part = olga.get_object(Bucket="reports", Key="team/b/c", Range="bytes=5-5")
    check((part["Body"].read(), part["ContentRange"]) == (b"b", "bytes 5-5/8"), "a range")
    refused(416, "InvalidRange", olga.get_object, Bucket="reports", Key="team/a", Range="bytes=90-")
    olga.put_object(Bucket="reports", Key="typed", Body=b"{}", ContentType="application/json", Metadata={"a": "b"})
    found = olga.head_object(Bucket="reports", Key="typed")
    check((found["ContentType"], found["Metadata"]) == ("application/json", {"a": "b"}), "what it was stored with")
    olga.delete_object(Bucket="reports", Key="typed")
    refused(501, "NotImplemented", olga.put_object, Bucket="reports", Key="typed", StorageClass="GLACIER")
    tag = olga.head_object(Bucket="reports", Key="team/a")["ETag"]
    check(body(olga, Bucket="reports", Key="team/a", IfMatch=tag) == b"team a", "the tag is the one")
    refused(412, "PreconditionFailed", olga.get_object, Bucket="reports", Key="team/a", IfMatch='"other"')
    refused(304, "304", olga.get_object, Bucket="reports", Key="team/a", IfNoneMatch=tag)
    odd = "odd/ä b+c%2F&<'\"=?#~.*$"
    olga.put_object(Bucket="reports", Key=odd, Body=b"odd")
    check(body(olga, Bucket="reports", Key=odd) == b"odd", "odd names")
    check(keys(olga.list_objects_v2(Bucket="reports", Prefix="odd/")) == [odd], "odd names in lists")
    olga.put_object(Bucket="reports", Key="empty", Body=b"")
    check(body(olga, Bucket="reports", Key="empty") == b"", "an empty object")
    # More than boto3 sends in one piece.
    much = os.urandom(20_000_000)
    olga.upload_fileobj(io.BytesIO(much), "reports", "much")
    check(body(olga, Bucket="reports", Key="much") == much, "much")
    olga.delete_objects(Bucket="reports", Delete={"Objects": [{"Key": odd}, {"Key": "empty"}, {"Key": "much"}]})


def uploads(olga, ana):
    mine, other = {"Bucket": "inbox", "Key": "ana/parts"}, {"Bucket": "inbox", "Key": "ben/parts"}
    denied(ana.create_multipart_upload, **other)
    upload = ana.create_multipart_upload(**mine)["UploadId"]
    part = ana.upload_part(**mine, UploadId=upload, PartNumber=1, Body=b"part")
    denied(ana.upload_part, **other, UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    denied(ana.complete_multipart_upload, **other, UploadId=upload, MultipartUpload=parts)
    # An upload is of one object, also for whom everything is allowed.
    refused(404, "NoSuchUpload", olga.complete_multipart_upload, **other, UploadId=upload, MultipartUpload=parts)
    denied(ana.abort_multipart_upload, **mine, UploadId=upload)
    ana.complete_multipart_upload(**mine, UploadId=upload, MultipartUpload=parts)
    check(body(ana, **mine) == b"part", "an object in parts")
    refused(404, "NoSuchUpload", olga.abort_multipart_upload, **mine, UploadId=upload)
    olga.abort_multipart_upload(**mine, UploadId=olga.create_multipart_upload(**mine)["UploadId"])
    ana.delete_object(**mine)


def lists(olga, ana, anybody):
    check(keys(olga.list_objects_v2(Bucket="reports")) == ["press/1", "secret/x", "team/a", "team/b/c", "top"], "all")
    answer = olga.list_objects_v2(Bucket="reports", Delimiter="/")
    check(keys(answer) == ["top"], "keys beside folders")
    check([p["Prefix"] for p in answer["CommonPrefixes"]] == ["press/", "secret/", "team/"], "folders")
    pages = olga.get_paginator("list_objects_v2").paginate(Bucket="reports", PaginationConfig={"PageSize": 2})
    check([keys(page) for page in pages] == [["press/1", "secret/x"], ["team/a", "team/b/c"], ["top"]], "pages")
    pages = olga.get_paginator("list_objects").paginate(Bucket="reports", PaginationConfig={"PageSize": 3})
    check([len(keys(page)) for page in pages] == [3, 2], "pages of the first version")
    after = olga.list_objects_v2(Bucket="reports", StartAfter="team/a")
    check(keys(after) == ["team/b/c", "top"], "behind a key")

    check(keys(ana.list_objects_v2(Bucket="reports", Prefix="team/")) == ["team/a", "team/b/c"], "ana lists the team's")
    denied(ana.list_objects_v2, Bucket="reports")
    denied(ana.list_objects_v2, Bucket="reports", Prefix="")
    denied(ana.list_objects_v2, Bucket="reports", Prefix="tea")
    denied(ana.list_objects_v2, Bucket="reports", Prefix="secret/")
    denied(anybody.list_objects_v2, Bucket="reports", Prefix="team/")


def deletes(olga, ana):
    denied(ana.delete_object, Bucket="reports", Key="team/a")
    ana.delete_object(Bucket="inbox", Key="ana/note")
    ana.delete_object(Bucket="inbox", Key="ana/note")
    ana.put_object(Bucket="inbox", Key="ana/1", Body=b"1")
    # Each key is decided by itself.
    wanted = [{"Key": "ana/1"}, {"Key": "here/a"}, {"Key": "../reports/top"}]
    answer = ana.delete_objects(Bucket="inbox", Delete={"Objects": wanted})
    check([d["Key"] for d in answer["Deleted"]] == ["ana/1"], "what is one's own is deleted")
    errors = [(e["Key"], e["Code"]) for e in answer["Errors"]]
    check(errors == [("here/a", "AccessDenied"), ("../reports/top", "InvalidArgument")], errors)
    check(keys(olga.list_objects_v2(Bucket="inbox")) == ["here/a", "office/a"], "the rest is there")
    refused(409, "BucketNotEmpty", olga.delete_bucket, Bucket="inbox")
    denied(ana.delete_bucket, Bucket="inbox")


def signatures(gateway):
    request = {"Bucket": "reports", "Key": "team/a"}
    refused(403, "SignatureDoesNotMatch", gateway.client("olga", "another secret").get_object, **request)
    refused(403, "InvalidAccessKeyId", gateway.client("eva").get_object, **request)
    refused(403, "SignatureDoesNotMatch", gateway.client("olga", "another").put_object, **request, Body=b"changed")
    check(body(gateway.client("olga"), **request) == b"team a", "nothing was changed")
    # The payload is not signed, but the rest is.
    unsigned = gateway.client("olga", s3={"addressing_style": "path", "payload_signing_enabled": False})
    unsigned.put_object(Bucket="inbox", Key="unsigned", Body=b"unsigned")
    check(body(unsigned, Bucket="inbox", Key="unsigned") == b"unsigned", "an unsigned payload")
    unsigned.delete_object(Bucket="inbox", Key="unsigned")


def not_served(gateway, olga):
    for call, parameters in [
        (olga.get_bucket_policy, {}),
        (olga.get_bucket_acl, {}),
        (olga.list_object_versions, {}),
        (olga.get_object_tagging, {"Key": "team/a"}),
        (olga.list_multipart_uploads, {}),
        (olga.list_parts, {"Key": "team/a", "UploadId": "a" * 32}),
        (olga.put_object, {"Key": "team/a", "ACL": "public-read"}),
        (olga.put_object, {"Key": "team/a", "IfNoneMatch": "*"}),
        (olga.copy_object, {"Key": "copy", "CopySource": "reports/secret/x"}),
        (olga.get_object, {"Key": "team/a", "VersionId": "1"}),
    ]:
        refused(501, "NotImplemented", call, Bucket="reports", **parameters)
    check(body(olga, Bucket="reports", Key="team/a") == b"team a", "nothing was changed")

    # Whatever a path is written like, it is decoded once, and what is opened is what was authorised. The press may read
    # `press/`, everybody is denied `secret/`, and nothing leads out of the folder.
    for target in ["/reports/press/1", "/reports/%70ress/1", "/reports/press%2f1", "/reports/press/1?x-id=GetObject"]:
        check(gateway.raw(target) == (200, b"press"), target)
    for target, status in {
        "/reports/press/../secret/x": 400,
        "/reports/press/%2e%2e/secret/x": 400,
        "/reports/press/..%2fsecret%2fx": 400,
        "/reports/press%2f..%2fsecret/x": 400,
        "/reports/press/%252e%252e/secret/x": 403,
        "/reports/press//1": 400,
        "/reports//press/1": 400,
        "//reports/press/1": 400,
        "/reports/./press/1": 400,
        "/reports/press/1%00": 400,
        "/reports/press/1%0a": 400,
        "/reports/press/%ff": 400,
        "/reports/press/%c0%ae%c0%ae/secret/x": 400,
        "/reports/../keys.json": 400,
        "/../../keys.json": 400,
        "/%2e%2e/keys.json": 400,
        "/reports%2f..%2f..%2fkeys.json": 400,
        "/reports/SECRET/x": 403,
        "/reports/press/1?versionId=1": 501,
        "/reports/press/1?acl": 501,
        "/reports?prefix=press/&prefix=secret/": 400,
        "/reports?X-Amz-Signature=00": 501,
    }.items():
        found, answer = gateway.raw(target)
        check(found == status, f"{target}: {found} instead of {status}")
        check(b"secret" not in answer.replace(b"/secret", b"").replace(b"%2fsecret", b""), target)
    check(gateway.raw("/reports/press/1", "PATCH")[0] == 501, "another method")


def hot_swap(gateway, ben, ana):
    users = gateway.folder / "world" / "users.json"
    old = users.read_text()
    new = json.loads(old)
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::inbox/ben/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    new["UserDetailList"][2]["UserPolicyList"] = [{"PolicyName": "Inbox", "PolicyDocument": document}]
    denied(ben.put_object, Bucket="inbox", Key="ben/1", Body=b"1")
    users.write_text(json.dumps(new))
    denied(ben.put_object, Bucket="inbox", Key="ben/1", Body=b"1")
    check(gateway.reload() == "policies replaced", "the policies are replaced")
    ben.put_object(Bucket="inbox", Key="ben/1", Body=b"1")

    # A policy that does not compile replaces nothing, and the report says where it is wrong.
    users.write_text(users.read_text().replace('"Allow"', '"Allowed"', 1))
    check(gateway.reload().startswith("policies kept"), "the policies are kept")
    report = gateway.line()
    check("users.json:" in report and "error" in report, report)
    while not gateway.lines.empty():
        gateway.lines.get()
    ben.put_object(Bucket="inbox", Key="ben/2", Body=b"2")
    check(body(ana, Bucket="reports", Key="team/a") == b"team a", "the others are served")

    users.write_text(old)
    keys_file = gateway.folder / "keys.json"
    keys_file.write_text(json.dumps([entry for entry in json.loads(keys_file.read_text()) if "/ana" not in entry["principal"]]))
    while (line := gateway.reload()) != "policies replaced":
        check(False, line)
    denied(ben.put_object, Bucket="inbox", Key="ben/3", Body=b"3")
    refused(403, "InvalidAccessKeyId", ana.get_object, Bucket="reports", Key="team/a")


def main():
    with tempfile.TemporaryDirectory() as folder:
        gateway = Gateway(sys.argv[1], pathlib.Path(folder) / "gateway")
        try:
            olga, ana, ben, anybody = (gateway.client(user) for user in ["olga", "ana", "ben", None])
            buckets_and_objects(olga, ana, ben, anybody)
            uploads(olga, ana)
            lists(olga, ana, anybody)
            deletes(olga, ana)
            signatures(gateway)
            not_served(gateway, olga)
            hot_swap(gateway, ben, ana)
        except BaseException:
            sys.stderr.write((gateway.folder / "log").read_text()[-4000:])
            raise
        finally:
            gateway.stop()
    print(f"boto3 {boto3.__version__}: {checks} checks passed")


main()
