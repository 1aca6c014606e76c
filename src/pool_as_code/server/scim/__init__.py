"""SCIM 2.0 (RFC 7643, RFC 7644) for the users of one pool, as identity providers speak it. No rule of the directory stands here.

words                              schemas, attributes, a client's body in one spelling
names addresses attributes         each part of a user in both directions: the directory's words and SCIM's
resource                           a whole user in both directions
filters listing selection          what is looked for, what is shown of it
patching members                   what a PATCH changes
provisioning describing schema     the operations
told operation answers             how users are read, operations named, answers sent
"""
