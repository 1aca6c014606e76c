"""The embedded directory: pools, groups, users and their credentials in a database, with every rule that needs to look at
what is there. Each rule stands here once and every face (store, server, commands) uses it.

    tables, migrations, database        how rows are kept
    rows                                documents with revisions
    containers schemas pools groups     one room for each noun
    users identifiers attributes
    credentials sign_in codes           what people sign in with, and do
    registration changing profile messages

It knows manifests' words (`resources`), but no manifests, plans or stores.
"""
