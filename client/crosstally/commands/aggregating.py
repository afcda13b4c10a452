"""stub"""
import click
@click.command()
def aggregate(): ...
