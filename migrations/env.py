"""How Alembic reaches the store: on a connection of its own, without the app's authorizer."""

from alembic import context

from migrations.tables import compared_on, metadata


def run() -> None:
    """Run on the connection that shudi.migrate hands over."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=compared_on(connection.dialect.name),
        transaction_per_migration=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
